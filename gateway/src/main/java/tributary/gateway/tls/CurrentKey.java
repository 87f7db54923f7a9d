package tributary.gateway.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/// Gives each handshake the key that is current, so that a context made once shows a certificate that came
/// later.
final class CurrentKey extends X509ExtendedKeyManager {
    private static final String ALIAS = "server";

    private final Supplier<KeyMaterial> current;

    CurrentKey(Supplier<KeyMaterial> current) {
        this.current = current;
    }

    @Override
    public @Nullable String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
        return fits(keyType);
    }

    @Override
    public @Nullable String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
        return fits(keyType);
    }

    private @Nullable String fits(String keyType) {
        String algorithm = current.get().key().getAlgorithm();
        boolean same = keyType.equals(algorithm) || keyType.startsWith("EC") && algorithm.equals("EC");
        return same || keyType.startsWith("RSA") && algorithm.equals("RSA") ? ALIAS : null;
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return current.get().chain().toArray(new X509Certificate[0]);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return current.get().key();
    }

    @Override
    public String[] getServerAliases(String keyType, Principal[] issuers) {
        return new String[] {ALIAS};
    }

    @Override
    public String[] getClientAliases(String keyType, Principal[] issuers) {
        return new String[0];
    }

    @Override
    public @Nullable String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
        return null;
    }
}
