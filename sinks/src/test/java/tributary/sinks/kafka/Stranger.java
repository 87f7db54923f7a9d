package tributary.sinks.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/// Listens where a broker should, and says of its answer that it has two gigabytes; later on it hands all to a broker.
final class Stranger implements AutoCloseable {
    private static final byte[] TWO_GIGABYTES = {0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0, 0, 0, 0};

    private final ServerSocket door;
    private final AtomicInteger answered = new AtomicInteger();
    private volatile int broker;

    Stranger() throws IOException {
        door = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return door.getLocalPort();
    }

    /// @return how many were answered so
    int answered() {
        return answered.get();
    }

    void handOnTo(int port) {
        broker = port;
    }

    private void serve() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                // it is closed, or whoever came went
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            if (broker > 0) {
                hand(client);
                return;
            }
            client.getInputStream().read();
            client.getOutputStream().write(TWO_GIGABYTES);
            answered.incrementAndGet();
            // it waits for the rest
            while (client.getInputStream().read() >= 0) {
                // until it has enough
            }
        } catch (IOException e) {
            // it went
        }
    }

    private void hand(Socket client) throws IOException {
        try (Socket server = new Socket("127.0.0.1", broker)) {
            Thread.ofVirtual().start(() -> hand(server, client));
            hand(client, server);
        }
    }

    private static void hand(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // one of them went
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
