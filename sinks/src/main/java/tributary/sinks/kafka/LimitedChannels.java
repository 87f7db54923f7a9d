package tributary.sinks.kafka;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.security.Principal;
import java.util.Map;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.network.ChannelBuilder;
import org.apache.kafka.common.network.ChannelMetadataRegistry;
import org.apache.kafka.common.network.ConnectionMode;
import org.apache.kafka.common.network.SaslChannelBuilder;
import org.apache.kafka.common.network.TransportLayer;
import org.apache.kafka.common.security.JaasContext;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;

/// Makes channels on which no answer to a sign-in is larger than a limit. Each answer says first how long it is, and
/// Kafka's client takes memory for as much: whatever listens there could have it take two gigabytes. Once it is signed
/// in, the client's selector has the limit.
final class LimitedChannels extends SaslChannelBuilder {
    private final int bytesMax;

    private LimitedChannels(ProducerConfig config, SecurityProtocol protocol, LogContext log, int bytesMax) {
        super(
                ConnectionMode.CLIENT,
                Map.of(config.getString(SaslConfigs.SASL_MECHANISM), JaasContext.loadClientContext(config.values())),
                protocol,
                null,
                false,
                config.getString(SaslConfigs.SASL_MECHANISM),
                null,
                null,
                null,
                Time.SYSTEM,
                log,
                null);
        this.bytesMax = bytesMax;
    }

    static ChannelBuilder of(ProducerConfig config, LogContext log, int bytesMax) {
        SecurityProtocol protocol =
                SecurityProtocol.forName(config.getString(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG));
        if (protocol != SecurityProtocol.SASL_PLAINTEXT && protocol != SecurityProtocol.SASL_SSL) {
            return ClientUtils.createChannelBuilder(config, Time.SYSTEM, log);
        }
        LimitedChannels channels = new LimitedChannels(config, protocol, log, bytesMax);
        channels.configure(config.values());
        return channels;
    }

    @Override
    protected TransportLayer buildTransportLayer(
            String id, SelectionKey key, SocketChannel socket, ChannelMetadataRegistry registry) throws IOException {
        return new Limited(super.buildTransportLayer(id, key, socket, registry), bytesMax);
    }

    /// Reads along: four bytes that say how many follow, and so many.
    private static final class Limited implements TransportLayer {
        private final TransportLayer inside;
        private final int bytesMax;
        private final ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        private int left;

        Limited(TransportLayer inside, int bytesMax) {
            this.inside = inside;
            this.bytesMax = bytesMax;
        }

        private void look(ByteBuffer read, int from) throws IOException {
            int at = from;
            while (at < read.position()) {
                if (left > 0) {
                    int body = Math.min(left, read.position() - at);
                    left -= body;
                    at += body;
                } else {
                    length.put(read.get(at++));
                    if (!length.hasRemaining()) {
                        length.clear();
                        left = length.getInt(0);
                        if (left < 0 || left > bytesMax) {
                            throw new IOException("what listens there answers with " + Integer.toUnsignedString(left)
                                    + " bytes, and is no Kafka");
                        }
                    }
                }
            }
        }

        @Override
        public int read(ByteBuffer into) throws IOException {
            int from = into.position();
            int read = inside.read(into);
            look(into, from);
            return read;
        }

        @Override
        public long read(ByteBuffer[] into, int offset, int count) throws IOException {
            long all = 0;
            for (int i = offset; i < offset + count; i++) {
                int read = into[i].hasRemaining() ? read(into[i]) : 0;
                if (read < 0) {
                    return all > 0 ? all : read;
                }
                all += read;
                if (into[i].hasRemaining()) {
                    break;
                }
            }
            return all;
        }

        @Override
        public long read(ByteBuffer[] into) throws IOException {
            return read(into, 0, into.length);
        }

        @Override
        public int write(ByteBuffer from) throws IOException {
            return inside.write(from);
        }

        @Override
        public long write(ByteBuffer[] from, int offset, int count) throws IOException {
            return inside.write(from, offset, count);
        }

        @Override
        public long write(ByteBuffer[] from) throws IOException {
            return inside.write(from);
        }

        @Override
        public boolean hasPendingWrites() {
            return inside.hasPendingWrites();
        }

        @Override
        public long transferFrom(FileChannel file, long position, long count) throws IOException {
            return inside.transferFrom(file, position, count);
        }

        @Override
        public boolean ready() {
            return inside.ready();
        }

        @Override
        public boolean finishConnect() throws IOException {
            return inside.finishConnect();
        }

        @Override
        public void disconnect() {
            inside.disconnect();
        }

        @Override
        public boolean isConnected() {
            return inside.isConnected();
        }

        @Override
        public SocketChannel socketChannel() {
            return inside.socketChannel();
        }

        @Override
        public SelectionKey selectionKey() {
            return inside.selectionKey();
        }

        @Override
        public void handshake() throws IOException {
            inside.handshake();
        }

        @Override
        public Principal peerPrincipal() throws IOException {
            return inside.peerPrincipal();
        }

        @Override
        public void addInterestOps(int operations) {
            inside.addInterestOps(operations);
        }

        @Override
        public void removeInterestOps(int operations) {
            inside.removeInterestOps(operations);
        }

        @Override
        public boolean isMute() {
            return inside.isMute();
        }

        @Override
        public boolean hasBytesBuffered() {
            return inside.hasBytesBuffered();
        }

        @Override
        public boolean isOpen() {
            return inside.isOpen();
        }

        @Override
        public void close() throws IOException {
            inside.close();
        }
    }
}
