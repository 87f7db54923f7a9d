package tributary.gateway.mqtt;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// UTF-8 as MQTT wants it (5.0, 1.5.4): well formed, no surrogates, no NUL.
final class Utf8 {
    private Utf8() {}

    /// @return the text of `length` bytes from `offset`
    static String text(byte[] bytes, int offset, int length) throws MqttFault {
        boolean plain = true;
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] <= 0) {
                if (bytes[i] == 0) {
                    throw MqttFault.malformed("a text contains NUL");
                }
                plain = false;
            }
        }
        if (plain) {
            return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, offset, length))
                    .toString();
        } catch (CharacterCodingException e) {
            throw MqttFault.malformed("a text is not UTF-8");
        }
    }

    /// @return whether the bytes are well-formed UTF-8
    static boolean valid(byte[] bytes) {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
