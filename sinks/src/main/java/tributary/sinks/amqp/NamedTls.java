package tributary.sinks.amqp;

import java.security.GeneralSecurityException;
import java.security.KeyManagementException;
import java.security.SecureRandom;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import tributary.sinks.SinkTls;

/// TLS to an address that still asks for the certificate of a name.
///
/// The client is given an address, so that what it connects to is what the guard has judged, and would check the
/// certificate against it. Here the name is put back in its place.
final class NamedTls extends SSLContextSpi {
    private final SSLContext context;
    private final String host;

    private NamedTls(SSLContext context, String host) {
        this.context = context;
        this.host = host;
    }

    /// @param host whose certificate it has to be
    static SSLContext of(String host, SinkTls tls) throws GeneralSecurityException {
        SSLContext plain = tls.context();
        return new SSLContext(new NamedTls(plain, host), plain.getProvider(), plain.getProtocol()) {};
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return context.createSSLEngine(host, -1);
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String address, int port) {
        return context.createSSLEngine(host, port);
    }

    @Override
    protected void engineInit(
            KeyManager @Nullable [] keys, TrustManager @Nullable [] trusted, @Nullable SecureRandom random)
            throws KeyManagementException {
        throw new KeyManagementException("it is ready as it is");
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        throw new UnsupportedOperationException("engines alone know the name");
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        throw new UnsupportedOperationException("it is for clients");
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return context.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return context.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        return context.getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        return context.getSupportedSSLParameters();
    }
}
