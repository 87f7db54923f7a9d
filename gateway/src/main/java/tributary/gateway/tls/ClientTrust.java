package tributary.gateway.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import tributary.registry.Certificates;
import tributary.registry.Credentials.Verdict;

/// Asks the registry's memory about the certificates of clients; names no authorities to them, because which
/// there are is the tenants' own business.
public final class ClientTrust extends X509ExtendedTrustManager {
    private final Certificates certificates;

    public ClientTrust(Certificates certificates) {
        this.certificates = Objects.requireNonNull(certificates, "certificates");
    }

    /// A client's certificate is refused: why, for the log.
    public static final class RefusedClient extends CertificateException {
        private static final long serialVersionUID = 1;

        private final transient Verdict.Refused verdict;

        RefusedClient(Verdict.Refused verdict) {
            super(verdict.detail());
            this.verdict = verdict;
        }

        /// @return with the tenant whose authority it is, where that could be known
        public Verdict.Refused verdict() {
            return verdict;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        if (certificates.verify(List.of(chain)) instanceof Verdict.Refused refused) {
            throw new RefusedClient(refused);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this server connects to nobody");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
