package tributary.gateway.tls;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslClosedEngineException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.registry.Credentials.Verdict;

/// Says for people why a TLS handshake failed.
public final class HandshakeFailure {
    private HandshakeFailure() {}

    /// @param tlsPort   the port that the client came to
    /// @param plainPort where MQTT is spoken without TLS
    /// @return what is wrong and what to do
    public static String explain(Throwable cause, int tlsPort, int plainPort) {
        CertificateException certificate = certificate(cause);
        if (certificate != null) {
            return refused(certificate.getMessage());
        }
        if (cause instanceof NotSslRecordException) {
            return "no TLS on the TLS port " + tlsPort + ": turn TLS on in the client, or use " + plainPort;
        }
        if (cause instanceof SslHandshakeTimeoutException) {
            return "the TLS handshake was not through within " + ServerTls.HANDSHAKE_MAX.toSeconds() + " seconds";
        }
        if (cause instanceof ClosedChannelException || cause instanceof SslClosedEngineException) {
            return "the client left during the TLS handshake; it may not trust the server's certificate: give it the"
                    + " authority's (--cafile)";
        }
        String text =
                String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).replace(' ', '_');
        if (text.contains("unknown_ca") || text.contains("certificate_unknown") || text.contains("bad_certificate")) {
            return "the client does not trust the server's certificate: give it the authority's (--cafile), and call"
                    + " the server by a name that is in the certificate";
        }
        if (text.contains("protocol_version") || text.contains("unsupported_protocol")) {
            return "the client speaks TLS 1.1 or older: only 1.2 and 1.3 are spoken here";
        }
        if (text.contains("no_shared_cipher") || text.contains("no_cipher_suites")) {
            return "the client offers none of the cipher suites that are good enough: ECDHE with AES-GCM or ChaCha20";
        }
        if (text.contains("sni") || text.contains("unrecognized_name") || text.contains("clienthello_tlsext")) {
            return "the client asked for a host that the certificate is not for (tls.sni-strict)";
        }
        return "the TLS handshake failed: " + Quote.shorten(String.valueOf(cause.getMessage()));
    }

    /// @return what was said of the client's certificate where that is why the handshake failed, or null
    public static Verdict.@Nullable Refused verdict(Throwable cause) {
        return certificate(cause) instanceof ClientTrust.RefusedClient refused ? refused.verdict() : null;
    }

    /// @param detail why a client's certificate is refused
    public static String refused(@Nullable String detail) {
        return "the client's certificate is refused: " + detail;
    }

    private static @Nullable CertificateException certificate(Throwable cause) {
        Throwable at = cause;
        for (int depth = 0; at != null && depth < 10; depth++) {
            if (at instanceof CertificateException found) {
                return found;
            }
            at = at.getCause();
        }
        return null;
    }
}
