package tributary.registry;

import java.util.Set;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Signing keys that everybody has, because they stand in a standard. Whoever copied one into an installation gave the
/// installation away, so it does not start with one.
final class SampleKeys {
    /// SHA-256 of the SubjectPublicKeyInfo: the Ed25519 key of RFC 8037, appendix A.
    private static final Set<Sha256> KNOWN =
            Set.of(Sha256.parse("e61160ce92ac037c0c7ef70bdbf13da4505feeed1d66b660b6cc04c8e6fcf70e"));

    private SampleKeys() {}

    static void refuse(SigningKey key) {
        if (KNOWN.contains(key.fingerprint())) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED,
                    "The signing key %s is a published sample key: everybody could sign tokens. Remove its row from signing_key, start again to have a new key made, and issue the tokens anew."
                            .formatted(key.id()));
        }
    }
}
