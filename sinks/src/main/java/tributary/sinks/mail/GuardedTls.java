package tributary.sinks.mail;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import javax.net.ssl.SSLSocketFactory;
import tributary.sinks.AddressGuard;

/// Encrypts connections to whom a definition trusts. It makes sockets that connect only to what is open to sinks, and
/// are plain until the mail library has them encrypted, as it does with every one that is not.
final class GuardedTls extends SSLSocketFactory {
    private final SSLSocketFactory tls;
    private final GuardedSockets plain;

    GuardedTls(SSLSocketFactory tls, AddressGuard guard) {
        this.tls = tls;
        this.plain = new GuardedSockets(guard);
    }

    @Override
    public Socket createSocket() {
        return plain.createSocket();
    }

    /// Encrypts one that is connected.
    @Override
    public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
        return tls.createSocket(socket, host, port, autoClose);
    }

    @Override
    public Socket createSocket(String host, int port) throws IOException {
        return encrypted(plain.createSocket(host, port), host, port);
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException {
        return createSocket(host, port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port) throws IOException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        return encrypted(plain.createSocket(host, port), address.getHostString(), port);
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException {
        return createSocket(host, port);
    }

    private Socket encrypted(Socket connected, String host, int port) throws IOException {
        try {
            return tls.createSocket(connected, host, port, true);
        } catch (IOException e) {
            connected.close();
            throw e;
        }
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return tls.getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return tls.getSupportedCipherSuites();
    }
}
