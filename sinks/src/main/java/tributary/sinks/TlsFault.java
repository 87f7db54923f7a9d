package tributary.sinks;

import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import tributary.model.Quote;

/// Says in words what stood against a connection by TLS.
public final class TlsFault {
    private static final int DEPTH_MAX = 20;

    private TlsFault() {}

    /// @return what was wrong with a certificate, or nothing where it was something else
    public static Optional<String> said(Throwable fault) {
        Optional<String> found = Optional.empty();
        Throwable next = fault;
        for (int depth = 0; next != null && depth < DEPTH_MAX; depth++) {
            // what is deeper knows better
            Optional<String> better = one(next);
            found = better.isPresent() ? better : found;
            next = next.getCause();
        }
        return found;
    }

    private static Optional<String> one(Throwable fault) {
        String message = Quote.shorten(String.valueOf(fault.getMessage()));
        return switch (fault) {
            case CertificateExpiredException _ -> Optional.of("its certificate has expired (" + message + ")");
            case CertificateNotYetValidException _ ->
                Optional.of("its certificate is not valid yet (" + message + "); look at the clocks");
            case CertPathBuilderException _, CertPathValidatorException _ ->
                Optional.of("its certificate is not of an authority that is trusted; give that authority's"
                        + " certificate as ca, or look whether this is the right server");
            case SSLPeerUnverifiedException _ -> Optional.of(otherName(message));
            case CertificateException _
            when message.startsWith("No subject alternative") || message.startsWith("No name matching") ->
                Optional.of(otherName(message));
            case SSLException _
            when message.contains("Received fatal alert") || message.contains("fatal alert:") ->
                Optional.of("it ended the connection (" + message.replaceAll(".*alert: ", "")
                        + "); it may want a certificate of ours, or not take the one that it got");
            case SSLException _
            when message.contains("SSL message") || message.contains("not an SSL/TLS record") ->
                Optional.of("it does not speak TLS there; look at the port, and at tls");
            // as PostgreSQL's driver says it
            case Exception _
            when message.contains("could not be verified by hostnameverifier") ->
                Optional.of(otherName(message.replaceAll(" by hostnameverifier.*", "")));
            default -> Optional.empty();
        };
    }

    private static String otherName(String message) {
        return "its certificate is of another name (" + message + ")";
    }
}
