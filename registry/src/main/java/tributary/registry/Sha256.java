package tributary.registry;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A SHA-256 digest as a key of maps: what is kept of a secret, in memory as on disk.
///
/// Looking a presented secret up by its digest tells nothing by the time that it takes: whoever tries cannot choose
/// digests that come nearer and nearer to the right one.
record Sha256(long a, long b, long c, long d) {
    static Sha256 of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    static Sha256 of(byte[] bytes) {
        try {
            return fromBytes(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static Sha256 parse(String hex) {
        return fromBytes(HexFormat.of().parseHex(hex));
    }

    private static Sha256 fromBytes(byte[] digest) {
        ByteBuffer longs = ByteBuffer.wrap(digest);
        return new Sha256(longs.getLong(), longs.getLong(), longs.getLong(), longs.getLong());
    }

    String hex() {
        return "%016x%016x%016x%016x".formatted(a, b, c, d);
    }

    /// The digest is uniform, so any part of it is a good hash.
    @Override
    public int hashCode() {
        return (int) d;
    }
}
