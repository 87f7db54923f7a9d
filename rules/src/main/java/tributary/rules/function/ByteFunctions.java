package tributary.rules.function;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import tributary.rules.value.Convert;
import tributary.rules.value.Json;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Bytes: encodings, digests, compression, bit fields. A text stands for its bytes in UTF-8.
final class ByteFunctions {
    private ByteFunctions() {}

    static void register(Functions all) {
        all.add("encode", 2, 2, ByteFunctions::encode);
        all.add("decode", 2, 2, ByteFunctions::decode);
        all.add("decode_cbor", 1, 1, a -> {
            byte[] bytes = bytes(a[0]);
            return bytes == null ? Missing.UNDEFINED : Cbor.read(bytes);
        });
        all.add("gzip", 1, 1, a -> {
            byte[] bytes = bytes(a[0]);
            return bytes == null ? Missing.UNDEFINED : zipped(bytes);
        });
        all.add("gunzip", 1, 1, a -> {
            byte[] bytes = bytes(a[0]);
            return bytes == null ? Missing.UNDEFINED : textOr(unzipped(bytes));
        });
        all.add("hex2dec", 1, 1, ByteFunctions::hex2dec);
        all.add("dec2hex", 1, 1, a -> {
            Long x = Convert.whole(a[0]);
            return x == null ? Missing.UNDEFINED : Long.toHexString(x);
        });
        all.add("crc32", 1, 1, a -> {
            byte[] bytes = bytes(a[0]);
            if (bytes == null) {
                return Missing.UNDEFINED;
            }
            CRC32 crc = new CRC32();
            crc.update(bytes);
            return crc.getValue();
        });
        digest(all, "md2", "MD2");
        digest(all, "md5", "MD5");
        digest(all, "sha1", "SHA-1");
        digest(all, "sha224", "SHA-224");
        digest(all, "sha256", "SHA-256");
        digest(all, "sha384", "SHA-384");
        digest(all, "sha512", "SHA-512");
        all.add("hmac", 2, 3, ByteFunctions::hmac);
        all.add("subbits", 3, 6, ByteFunctions::subbits);
    }

    /// The bytes of a value: bytes themselves, texts in UTF-8, others as JSON; null for what is missing.
    static byte @Nullable [] bytes(Object value) {
        if (value instanceof byte[] raw) {
            return raw;
        }
        String text = Convert.text(value);
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    private static Object textOr(byte @Nullable [] bytes) {
        if (bytes == null) {
            return Missing.UNDEFINED;
        }
        String text = Json.text(bytes);
        return text == null ? bytes : text;
    }

    private static Object encode(Object[] a) {
        byte[] bytes = bytes(a[0]);
        if (bytes == null || !(a[1] instanceof String scheme)) {
            return Missing.UNDEFINED;
        }
        return switch (scheme.toLowerCase(Locale.ROOT)) {
            case "base64" -> Base64.getEncoder().encodeToString(bytes);
            case "base64url" -> Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
            case "hex" -> HexFormat.of().formatHex(bytes);
            case "utf-8", "utf8" -> bytes;
            case "utf-16", "utf16" -> {
                String text = Convert.text(a[0]);
                yield text == null ? Missing.UNDEFINED : text.getBytes(StandardCharsets.UTF_16BE);
            }
            case "gzip" -> zipped(bytes);
            default -> Missing.UNDEFINED;
        };
    }

    /// What comes out as JSON is the value, else text, else bytes; null where it cannot be decoded.
    private static Object decode(Object[] a) {
        if (!(a[1] instanceof String scheme) || !Missing.present(a[0])) {
            return Missing.UNDEFINED;
        }
        byte[] bytes = bytes(a[0]);
        byte[] out;
        try {
            out = bytes == null
                    ? null
                    : switch (scheme.toLowerCase(Locale.ROOT)) {
                        case "base64" -> Base64.getMimeDecoder().decode(checked(bytes));
                        case "base64url" -> Base64.getUrlDecoder().decode(bytes);
                        case "hex" -> HexFormat.of().parseHex(new String(bytes, StandardCharsets.UTF_8));
                        case "utf-8", "utf8" -> bytes;
                        case "utf-16", "utf16" ->
                            new String(bytes, StandardCharsets.UTF_16).getBytes(StandardCharsets.UTF_8);
                        case "gzip" -> unzipped(bytes);
                        default -> null;
                    };
        } catch (IllegalArgumentException e) {
            return Missing.NULL;
        }
        if (scheme.equalsIgnoreCase("cbor") && bytes != null) {
            Object value = Cbor.read(bytes);
            return value == Missing.UNDEFINED ? Missing.NULL : value;
        }
        if (out == null) {
            return Missing.NULL;
        }
        String text = Json.text(out);
        if (text == null) {
            return out;
        }
        Object json = Json.read(text);
        return Missing.present(json) ? json : text;
    }

    /// The lenient decoder skips what is no base64, so look first.
    private static byte[] checked(byte[] bytes) {
        for (byte b : bytes) {
            boolean fine = b >= 'a' && b <= 'z'
                    || b >= 'A' && b <= 'Z'
                    || b >= '0' && b <= '9'
                    || b == '+'
                    || b == '/'
                    || b == '='
                    || b == '\n'
                    || b == '\r';
            if (!fine) {
                throw new IllegalArgumentException("no base64");
            }
        }
        return bytes;
    }

    private static Object hex2dec(Object[] a) {
        String text = Convert.text(a[0]);
        if (text == null) {
            return Missing.UNDEFINED;
        }
        String digits = text.startsWith("0x") || text.startsWith("0X") ? text.substring(2) : text;
        return digits.matches("[0-9a-fA-F]{1,15}") ? (Object) Long.parseLong(digits, 16) : Missing.UNDEFINED;
    }

    private static void digest(Functions all, String name, String algorithm) {
        all.add(name, 1, 1, a -> {
            byte[] bytes = bytes(a[0]);
            if (bytes == null) {
                return Missing.UNDEFINED;
            }
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
            } catch (GeneralSecurityException e) {
                throw new RuleFailure(algorithm + " is not available in this Java");
            }
        });
    }

    private static Object hmac(Object[] a) {
        byte[] bytes = bytes(a[0]);
        byte[] key = bytes(a[1]);
        if (bytes == null
                || key == null
                || key.length == 0
                || !(Functions.argument(a, 2, "sha256") instanceof String name)
                || !name.matches("md5|sha1|sha256|sha512")) {
            return Missing.UNDEFINED;
        }
        try {
            String algorithm = "Hmac" + name.toUpperCase(Locale.ROOT);
            Mac mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return HexFormat.of().formatHex(mac.doFinal(bytes));
        } catch (GeneralSecurityException e) {
            throw new RuleFailure("hmac with " + name + " is not available in this Java");
        }
    }

    private static byte[] zipped(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("memory does not fail to be written", e);
        }
        return out.toByteArray();
    }

    private static byte @Nullable [] unzipped(byte[] bytes) {
        try (GZIPInputStream zip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            byte[] out = zip.readNBytes(Functions.LENGTH_MAX + 1);
            TextFunctions.tooLong(out.length);
            return out;
        } catch (IOException e) {
            return null;
        }
    }

    /// `subbits(bytes, position, length[, type[, sign[, endian]]])`: bits from a position counted from 0; type
    /// `integer` (default), `float` or `bits`, sign `unsigned` (default) or `signed`, endian `big` (default)
    /// or `little`.
    private static Object subbits(Object[] a) {
        byte[] bytes = bytes(a[0]);
        Long position = Convert.whole(a[1]);
        Long length = Convert.whole(a[2]);
        if (bytes == null
                || position == null
                || length == null
                || position < 0
                || length < 1
                || position > bytes.length * 8L - length) {
            return Missing.UNDEFINED;
        }
        Object type = Functions.argument(a, 3, "integer");
        boolean signed = "signed".equals(Functions.argument(a, 4, "unsigned"));
        boolean little = "little".equals(Functions.argument(a, 5, "big"));
        int bits = length.intValue();
        byte[] taken = new byte[(bits + 7) / 8];
        for (int i = 0; i < bits; i++) {
            int from = (int) (position + i);
            int bit = bytes[from / 8] >> 7 - from % 8 & 1;
            taken[i / 8] |= (byte) (bit << 7 - i % 8);
        }
        if (type.equals("bits")) {
            return taken;
        }
        if (little && bits % 8 == 0) {
            for (int i = 0; i < taken.length / 2; i++) {
                byte swap = taken[i];
                taken[i] = taken[taken.length - 1 - i];
                taken[taken.length - 1 - i] = swap;
            }
        }
        BigInteger value = new BigInteger(1, taken).shiftRight(taken.length * 8 - bits);
        if (type.equals("float")) {
            return bits == 32
                    ? Numbers.of(Double.parseDouble(Float.toString(Float.intBitsToFloat(value.intValue()))))
                    : bits == 64 ? Numbers.of(Double.longBitsToDouble(value.longValue())) : Missing.UNDEFINED;
        }
        if (bits > 64) {
            return Missing.UNDEFINED;
        }
        BigInteger whole = signed && value.testBit(bits - 1) ? value.subtract(BigInteger.ONE.shiftLeft(bits)) : value;
        return Numbers.of(new BigDecimal(whole));
    }
}
