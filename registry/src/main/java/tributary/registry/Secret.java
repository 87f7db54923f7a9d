package tributary.registry;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.zip.CRC32C;

/// The text of a static secret: what it is for (`trd_` device token, `trk_` API key, `trs_` session, `trl_` link
/// to a dashboard), 160 random bits,
/// and a check of 20 bits over both, all in Crockford's base 32.
///
/// The check lets a mistyped or truncated secret be told from a revoked one without a look anywhere, and lets scanners
/// of source code recognise a leaked one.
final class Secret {
    static final String DEVICE_TOKEN = "trd_";
    static final String API_KEY = "trk_";
    static final String SESSION = "trs_";
    static final String SHARE = "trl_";

    private static final char[] ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz".toCharArray();
    private static final int RANDOM_CHARS = 32;
    private static final int CHECK_CHARS = 4;

    /// What the check is over: the prefix and the random part.
    static final int BODY_CHARS = DEVICE_TOKEN.length() + RANDOM_CHARS;

    private Secret() {}

    /// @param prefix one of the constants of this class
    static String random(String prefix, SecureRandom random) {
        return seal(prefix + randomText(RANDOM_CHARS, random));
    }

    /// @return `body` with its check
    static String seal(String body) {
        return body + check(body);
    }

    /// @return `chars` random characters, five bits each
    static String randomText(int chars, SecureRandom random) {
        StringBuilder text = new StringBuilder(chars);
        for (int i = 0; i < chars; i++) {
            text.append(ALPHABET[random.nextInt(ALPHABET.length)]);
        }
        return text.toString();
    }

    /// @return whether this looks like a static secret, whole or not
    static boolean claimsToBe(String text) {
        return text.startsWith(DEVICE_TOKEN) || text.startsWith(API_KEY);
    }

    /// @return whether the length and the check are right
    static boolean whole(String text) {
        return text.length() == BODY_CHARS + CHECK_CHARS && text.endsWith(check(text.substring(0, BODY_CHARS)));
    }

    private static String check(String text) {
        CRC32C crc = new CRC32C();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        long rest = crc.getValue();
        StringBuilder check = new StringBuilder(CHECK_CHARS);
        for (int i = 0; i < CHECK_CHARS; i++) {
            check.append(ALPHABET[(int) (rest & 31)]);
            rest >>>= 5;
        }
        return check.toString();
    }
}
