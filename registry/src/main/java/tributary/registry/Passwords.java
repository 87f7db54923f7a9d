package tributary.registry;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.Normalizer;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Hashes passwords with Argon2id, slowly on purpose and only a few at a time, because each takes [#MEMORY_KIB].
final class Passwords {
    static final int MEMORY_KIB = 19 * 1024;
    static final int ITERATIONS = 3;
    static final int LENGTH_MIN = 12;

    private static final int LENGTH_MAX = 1_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int AT_ONCE = 2;
    private static final int WAIT_SECONDS = 5;
    private static final Pattern FORM =
            Pattern.compile("\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=1\\$([\\w+/]+)\\$([\\w+/]+)");

    private final SecureRandom random;
    private final Semaphore slots = new Semaphore(AT_ONCE, true);

    Passwords(SecureRandom random) {
        this.random = random;
    }

    /// @throws IllegalArgumentException where the password is too short or too long
    static void check(String password) {
        int length = password.codePointCount(0, password.length());
        if (length < LENGTH_MIN || length > LENGTH_MAX) {
            throw new IllegalArgumentException(
                    "a password has %d to %,d characters, this one has %,d".formatted(LENGTH_MIN, LENGTH_MAX, length));
        }
    }

    /// @return the hash with its parameters and salt, in the usual text form
    String hash(String password) {
        check(password);
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s"
                .formatted(
                        MEMORY_KIB,
                        ITERATIONS,
                        base64.encodeToString(salt),
                        base64.encodeToString(slow(password, salt, MEMORY_KIB, ITERATIONS)));
    }

    /// @return a hash that no password has and that takes as long to compare with as any other
    static String impossible() {
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=1$%s$%s"
                .formatted(
                        MEMORY_KIB,
                        ITERATIONS,
                        base64.encodeToString(new byte[SALT_BYTES]),
                        base64.encodeToString(new byte[HASH_BYTES]));
    }

    /// @param hash what [#hash] or [#impossible] gave
    boolean fits(String password, String hash) {
        Matcher form = FORM.matcher(hash);
        if (!form.matches()) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED,
                    "A password's hash in the registry is damaged. Set the person's password anew.");
        }
        byte[] salt = Base64.getDecoder().decode(form.group(3));
        byte[] wanted = Base64.getDecoder().decode(form.group(4));
        int memoryKib = Integer.parseInt(form.group(1));
        int iterations = Integer.parseInt(form.group(2));
        String tried = password.length() > LENGTH_MAX * 2 ? "" : password;
        return MessageDigest.isEqual(slow(tried, salt, memoryKib, iterations), wanted);
    }

    private byte[] slow(String password, byte[] salt, int memoryKib, int iterations) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKib)
                .withIterations(iterations)
                .withParallelism(1)
                .withSalt(salt)
                .build());
        byte[] text = Normalizer.normalize(password, Normalizer.Form.NFC).getBytes(StandardCharsets.UTF_8);
        byte[] hash = new byte[HASH_BYTES];
        takeSlot();
        try {
            generator.generateBytes(text, hash);
        } finally {
            slots.release();
        }
        return hash;
    }

    private void takeSlot() {
        try {
            if (slots.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new PlatformException(
                Fault.REGISTRY_FAILED, "Too many people sign in at this moment. Try again in a few seconds.");
    }
}
