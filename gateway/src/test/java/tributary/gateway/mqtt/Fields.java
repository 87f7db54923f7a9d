package tributary.gateway.mqtt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The properties of a 5.0 packet, as a test writes them and as it reads them: in order, duplicates kept.
record Fields(List<Field> all) {
    static final Fields NONE = new Fields(List.of());

    static final int PAYLOAD_FORMAT = 0x01;
    static final int MESSAGE_EXPIRY = 0x02;
    static final int CONTENT_TYPE = 0x03;
    static final int RESPONSE_TOPIC = 0x08;
    static final int CORRELATION = 0x09;
    static final int SUBSCRIPTION_ID = 0x0B;
    static final int SESSION_EXPIRY = 0x11;
    static final int ASSIGNED_CLIENT_ID = 0x12;
    static final int SERVER_KEEP_ALIVE = 0x13;
    static final int AUTH_METHOD = 0x15;
    static final int AUTH_DATA = 0x16;
    static final int PROBLEM_INFORMATION = 0x17;
    static final int WILL_DELAY = 0x18;
    static final int REQUEST_RESPONSE_INFORMATION = 0x19;
    static final int RESPONSE_INFORMATION = 0x1A;
    static final int SERVER_REFERENCE = 0x1C;
    static final int REASON = 0x1F;
    static final int RECEIVE_MAXIMUM = 0x21;
    static final int ALIAS_MAXIMUM = 0x22;
    static final int ALIAS = 0x23;
    static final int MAXIMUM_QOS = 0x24;
    static final int RETAIN_AVAILABLE = 0x25;
    static final int USER = 0x26;
    static final int PACKET_MAXIMUM = 0x27;

    /// @param value the bytes after the identifier
    record Field(int code, byte[] value) {}

    Fields bit(int code, int value) {
        return and(code, new byte[] {(byte) value});
    }

    Fields two(int code, int value) {
        return and(code, ByteBuffer.allocate(2).putShort((short) value).array());
    }

    Fields four(int code, long value) {
        return and(code, ByteBuffer.allocate(4).putInt((int) value).array());
    }

    Fields variable(int code, int value) {
        return and(code, variable(value));
    }

    Fields text(int code, String value) {
        return binary(code, value.getBytes(StandardCharsets.UTF_8));
    }

    Fields binary(int code, byte[] value) {
        return and(code, sized(value));
    }

    Fields pair(String name, String value) {
        return and(
                USER,
                Wire.join(sized(name.getBytes(StandardCharsets.UTF_8)), sized(value.getBytes(StandardCharsets.UTF_8))));
    }

    private Fields and(int code, byte[] value) {
        List<Field> more = new ArrayList<>(all);
        more.add(new Field(code, value));
        return new Fields(List.copyOf(more));
    }

    /// @return the properties with their length before them
    byte[] block() {
        ByteArrayOutputStream fields = new ByteArrayOutputStream();
        for (Field field : all) {
            fields.write(field.code());
            fields.writeBytes(field.value());
        }
        return Wire.join(variable(fields.size()), fields.toByteArray());
    }

    /// Reads what the server wrote, and insists that it is well formed.
    static Fields read(ByteBuffer in) {
        int length = readVariable(in);
        ByteBuffer block = in.slice(in.position(), length);
        in.position(in.position() + length);
        List<Field> fields = new ArrayList<>();
        while (block.hasRemaining()) {
            int code = block.get() & 0xFF;
            int start = block.position();
            switch (code) {
                case 0x01, 0x17, 0x19, 0x24, 0x25, 0x28, 0x29, 0x2A -> block.position(start + 1);
                case 0x13, 0x21, 0x22, 0x23 -> block.position(start + 2);
                case 0x02, 0x11, 0x18, 0x27 -> block.position(start + 4);
                case 0x0B -> readVariable(block);
                case 0x03, 0x08, 0x09, 0x12, 0x15, 0x16, 0x1A, 0x1C, 0x1F -> skipSized(block);
                case 0x26 -> {
                    skipSized(block);
                    skipSized(block);
                }
                default -> throw new AssertionError("the server sent a property that does not exist: " + code);
            }
            byte[] value = new byte[block.position() - start];
            block.get(start, value);
            fields.add(new Field(code, value));
        }
        return new Fields(List.copyOf(fields));
    }

    private static void skipSized(ByteBuffer in) {
        int length = in.getShort() & 0xFFFF;
        in.position(in.position() + length);
    }

    boolean has(int code) {
        return all.stream().anyMatch(field -> field.code() == code);
    }

    /// @return the one property of that kind as a number
    long number(int code) {
        byte[] value = one(code);
        if (code == SUBSCRIPTION_ID) {
            return readVariable(ByteBuffer.wrap(value));
        }
        long number = 0;
        for (byte b : value) {
            number = number << 8 | b & 0xFF;
        }
        return number;
    }

    String text(int code) {
        return new String(binary(code), StandardCharsets.UTF_8);
    }

    byte[] binary(int code) {
        byte[] value = one(code);
        return Arrays.copyOfRange(value, 2, value.length);
    }

    List<Integer> identifiers() {
        return all.stream()
                .filter(field -> field.code() == SUBSCRIPTION_ID)
                .map(field -> readVariable(ByteBuffer.wrap(field.value())))
                .toList();
    }

    /// @return the user properties as `name=value`
    List<String> users() {
        List<String> users = new ArrayList<>();
        for (Field field : all) {
            if (field.code() == USER) {
                ByteBuffer in = ByteBuffer.wrap(field.value());
                users.add(readText(in) + "=" + readText(in));
            }
        }
        return users;
    }

    private byte[] one(int code) {
        List<Field> found = all.stream().filter(field -> field.code() == code).toList();
        if (found.size() != 1) {
            throw new AssertionError(found.size() + " properties " + code + " and not one");
        }
        return found.getFirst().value();
    }

    static String readText(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort() & 0xFFFF];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static int readVariable(ByteBuffer in) {
        int value = 0;
        for (int shift = 0; shift < 28; shift += 7) {
            int digit = in.get() & 0xFF;
            value |= (digit & 0x7F) << shift;
            if (digit < 0x80) {
                if (digit == 0 && shift > 0) {
                    throw new AssertionError("the server wrote a length with more bytes than needed");
                }
                return value;
            }
        }
        throw new AssertionError("the server wrote a length of more than four bytes");
    }

    static byte[] variable(int value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = value;
        do {
            out.write(rest >= 0x80 ? rest & 0x7F | 0x80 : rest);
            rest >>>= 7;
        } while (rest > 0);
        return out.toByteArray();
    }

    static byte[] sized(byte[] bytes) {
        return Wire.join(new byte[] {(byte) (bytes.length >> 8), (byte) bytes.length}, bytes);
    }
}
