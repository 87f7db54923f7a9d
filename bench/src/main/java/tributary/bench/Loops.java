package tributary.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/// The threads that send and hear, and how a socket is opened on them.
final class Loops implements AutoCloseable {
    private final boolean epoll = Epoll.isAvailable();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final MultiThreadIoEventLoopGroup group;

    Loops(int count) {
        group = new MultiThreadIoEventLoopGroup(
                count,
                work -> {
                    Thread thread = Thread.ofPlatform()
                            .name("bench-" + threads.size())
                            .daemon()
                            .unstarted(work);
                    threads.add(thread);
                    return thread;
                },
                epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    EventLoop next() {
        return group.next();
    }

    /// @return what the threads used of the processors so far
    long cpuNanos() {
        return CpuTime.ofThreads(threads);
    }

    /// @return what opens sockets on one of the threads, with `handler` alone on the pipeline
    Bootstrap socket(EventLoop loop, ChannelHandler handler) {
        return new Bootstrap()
                .group(loop)
                .channel(epoll ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(handler);
                    }
                });
    }

    @Override
    public void close() throws InterruptedException {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).await(3, TimeUnit.SECONDS);
    }
}
