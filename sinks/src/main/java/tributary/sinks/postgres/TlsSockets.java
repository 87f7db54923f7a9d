package tributary.sinks.postgres;

import java.security.GeneralSecurityException;
import java.util.Properties;
import org.postgresql.ssl.WrappedFactory;
import tributary.sinks.SinkTls;

/// TLS with the authorities and the certificate that a definition holds. The driver makes it by its name, so it and its
/// constructor are public, and what it needs comes as texts.
public final class TlsSockets extends WrappedFactory {
    private static final String CA = "tributary.ca";
    private static final String CERTIFICATE = "tributary.certificate";
    private static final String KEY = "tributary.key";

    /// @param properties of the connection
    public TlsSockets(Properties properties) throws GeneralSecurityException {
        factory = new SinkTls(
                        properties.getProperty(CA, ""),
                        properties.getProperty(CERTIFICATE, ""),
                        properties.getProperty(KEY, ""))
                .context()
                .getSocketFactory();
    }

    /// Puts into the properties of a connection what it is to be made with.
    static void tell(Properties properties, SinkTls tls) {
        properties.setProperty("sslfactory", TlsSockets.class.getName());
        properties.setProperty(CA, tls.ca());
        properties.setProperty(CERTIFICATE, tls.certificate());
        properties.setProperty(KEY, tls.key());
    }
}
