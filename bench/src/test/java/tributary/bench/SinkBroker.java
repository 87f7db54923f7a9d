package tributary.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/// The least that looks like a broker to a publisher: says welcome, answers every message, keeps nothing (or,
/// where asked, the payloads).
final class SinkBroker implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Channel server;
    private final ConcurrentLinkedQueue<Channel> peers = new ConcurrentLinkedQueue<>();
    private final LongAdder received = new LongAdder();
    private final boolean keeps;
    private final Predicate<String> refuses;
    private final ConcurrentLinkedQueue<String> payloads = new ConcurrentLinkedQueue<>();

    SinkBroker() throws InterruptedException {
        this(false, _ -> false);
    }

    SinkBroker(boolean keeps, Predicate<String> refuses) throws InterruptedException {
        this.keeps = keeps;
        this.refuses = refuses;
        server = new ServerBootstrap()
                .group(group)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        peers.add(channel);
                        channel.pipeline().addLast(new Peer());
                    }
                })
                .bind("127.0.0.1", 0)
                .sync()
                .channel();
    }

    void dropConnections() {
        peers.forEach(peer -> peer.close().awaitUninterruptibly());
    }

    int port() {
        return ((java.net.InetSocketAddress) server.localAddress()).getPort();
    }

    long received() {
        return received.sum();
    }

    List<String> payloads() {
        return List.copyOf(payloads);
    }

    @Override
    public void close() {
        server.close().awaitUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private final class Peer extends ChannelInboundHandlerAdapter {
        private ByteBuf rest;
        private int version;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ByteBuf in = (ByteBuf) message;
            if (rest != null) {
                rest.writeBytes(in);
                in.release();
                in = rest;
                rest = null;
            }
            ByteBuf out = context.alloc().directBuffer(in.readableBytes() / 20 + 16);
            int count = 0;
            while (in.readableBytes() >= 2) {
                int start = in.readerIndex();
                int length = 0;
                int shift = 0;
                int at = start + 1;
                boolean whole = false;
                while (at < in.writerIndex()) {
                    int b = in.getByte(at++);
                    length |= (b & 127) << shift;
                    shift += 7;
                    if (b >= 0) {
                        whole = true;
                        break;
                    }
                }
                if (!whole || in.writerIndex() < at + length) {
                    break;
                }
                count += packet(in, in.getUnsignedByte(start), at, length, out);
                in.readerIndex(at + length);
            }
            received.add(count);
            if (in.isReadable()) {
                rest = context.alloc().buffer(in.readableBytes() * 2 + 1024).writeBytes(in);
            }
            in.release();
            context.write(out);
        }

        /// @return 1 for a message
        private int packet(ByteBuf in, int first, int body, int length, ByteBuf out) {
            switch (first >> 4) {
                case 1 -> {
                    version = in.getByte(body + 6);
                    out.writeByte(0x20)
                            .writeByte(version == 5 ? 3 : 2)
                            .writeByte(0)
                            .writeByte(0);
                    if (version == 5) {
                        out.writeByte(0);
                    }
                    return 0;
                }
                case 3 -> {
                    int qos = first >> 1 & 3;
                    int at = body + 2 + in.getUnsignedShort(body);
                    int id = 0;
                    if (qos > 0) {
                        id = in.getUnsignedShort(at);
                        at += 2;
                    }
                    at += version == 5 ? 1 : 0;
                    boolean refused = false;
                    if (keeps) {
                        String payload = in.toString(at, body + length - at, StandardCharsets.UTF_8);
                        payloads.add(payload);
                        refused = refuses.test(payload);
                    }
                    if (qos > 0 && refused) {
                        out.writeByte(qos == 1 ? 0x40 : 0x50)
                                .writeByte(3)
                                .writeShort(id)
                                .writeByte(0x97);
                    } else if (qos > 0) {
                        out.writeByte(qos == 1 ? 0x40 : 0x50).writeByte(2).writeShort(id);
                    }
                    return 1;
                }
                case 6 -> {
                    out.writeByte(0x70).writeByte(2).writeShort(in.getUnsignedShort(body));
                    return 0;
                }
                default -> {
                    return 0;
                }
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            if (rest != null) {
                rest.release();
                rest = null;
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
