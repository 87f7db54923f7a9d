package tributary.lake;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/// The way to a server, that at times breaks between a request and its answer: the server has done what it was asked,
/// and nobody hears of it.
final class LossyLink implements AutoCloseable {
    final AtomicInteger lost = new AtomicInteger();
    private final ServerSocket door;
    private final int port;
    private final String request;
    private final int every;
    private final AtomicInteger requests = new AtomicInteger();

    /// @param request what is in a request whose answer may be lost
    /// @param every   one of so many is
    LossyLink(int port, String request, int every) throws IOException {
        this.door = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        this.port = port;
        this.request = request;
        this.every = every;
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return door.getLocalPort();
    }

    private void accept() {
        while (!door.isClosed()) {
            try {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                Link link = new Link(client, server);
                Thread.ofVirtual().start(() -> link.carry(client, server, true));
                Thread.ofVirtual().start(() -> link.carry(server, client, false));
            } catch (IOException e) {
                // the door is closed, or the server is
            }
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket server;
        private volatile boolean breaks;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void carry(Socket from, Socket to, boolean asks) {
            byte[] bytes = new byte[64 << 10];
            try (Closeable _ = this::end) {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
                    if (asks && new String(bytes, 0, read, StandardCharsets.ISO_8859_1).contains(request)) {
                        breaks = requests.incrementAndGet() % every == 0;
                    } else if (!asks && breaks) {
                        lost.incrementAndGet();
                        return;
                    }
                    out.write(bytes, 0, read);
                    out.flush();
                }
            } catch (IOException e) {
                // one end is gone, so the other goes
            }
        }

        private void end() throws IOException {
            client.close();
            server.close();
        }
    }

    @Override
    public void close() throws IOException {
        door.close();
    }
}
