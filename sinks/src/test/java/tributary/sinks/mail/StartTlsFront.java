package tributary.sinks.mail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import tributary.testkit.TestAuthority;

/// Stands before a mail server that cannot encrypt, and does so when it is told STARTTLS (RFC 3207); the rest is
/// handed on as it comes.
final class StartTlsFront implements AutoCloseable {
    private final ServerSocket door;
    private final int behind;
    private final SSLContext context;
    private final List<String> clear = new CopyOnWriteArrayList<>();

    /// @param own    what it shows of itself
    /// @param behind the port of the mail server
    StartTlsFront(TestAuthority.Issued own, int behind) throws IOException {
        this.behind = behind;
        this.door = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own.store(), TestAuthority.STORE_PASSWORD.toCharArray());
            this.context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
        Thread.ofVirtual().start(this::serve);
    }

    int port() {
        return door.getLocalPort();
    }

    /// @return the commands that came before anything was encrypted
    List<String> clear() {
        return clear;
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
            say(client, "220 front");
            BufferedReader lines =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                clear.add(line);
                if (line.startsWith("EHLO")) {
                    say(client, "250-front\r\n250 STARTTLS");
                } else if (line.equals("STARTTLS")) {
                    // nobody says anything before this is answered, so nothing of what is encrypted was read
                    say(client, "220 go on");
                    encrypted(client);
                    return;
                } else {
                    say(client, "530 STARTTLS first");
                }
            }
        } catch (IOException e) {
            // it went
        }
    }

    private static void say(Socket to, String what) throws IOException {
        to.getOutputStream().write((what + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private void encrypted(Socket client) throws IOException {
        try (SSLSocket inside =
                        (SSLSocket) context.getSocketFactory().createSocket(client, "client", client.getPort(), true);
                Socket server = new Socket("127.0.0.1", behind)) {
            inside.setUseClientMode(false);
            inside.startHandshake();
            // the greeting was said before
            line(server.getInputStream());
            Thread back = Thread.ofVirtual().start(() -> hand(server, inside));
            hand(inside, server);
            back.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void line(InputStream from) throws IOException {
        int read = from.read();
        while (read >= 0 && read != '\n') {
            read = from.read();
        }
    }

    private static void hand(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
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
