package tributary.gateway;

import io.netty.buffer.ByteBuf;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// What a load balancer says first about the client that it speaks for: the PROXY protocol, version 2, its binary form.
public sealed interface ProxyHeader {
    /// More has to come.
    record Partial() implements ProxyHeader {}

    /// @param why for people
    record Malformed(String why) implements ProxyHeader {}

    /// @param source the client's address; null where the balancer speaks for itself, as in its health checks
    record Told(@Nullable InetSocketAddress source) implements ProxyHeader {}

    byte[] SIGNATURE = HexFormat.of().parseHex("0d0a0d0a000d0a515549540a");
    byte[] VERSION_1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);

    /// Signature, version and command, family, length.
    int FIXED_BYTES = 16;

    /// Addresses and the balancer's own remarks, which are passed over.
    int REST_BYTES_MAX = 4096;

    int LOCAL = 0x20;
    int PROXY = 0x21;
    int TCP_OVER_IPV4 = 0x11;
    int TCP_OVER_IPV6 = 0x21;

    /// Reads a header, and consumes it where it is whole and good.
    static ProxyHeader read(ByteBuf in) {
        int start = in.readerIndex();
        int there = Math.min(in.readableBytes(), SIGNATURE.length);
        if (!begins(in, SIGNATURE, there)) {
            return begins(in, VERSION_1, Math.min(there, VERSION_1.length))
                    ? new Malformed("a PROXY protocol header of version 1: switch the load balancer to version 2")
                    : new Malformed("no PROXY protocol header of version 2: turn it on in the load balancer");
        }
        if (in.readableBytes() < FIXED_BYTES) {
            return new Partial();
        }
        int command = in.getUnsignedByte(start + 12);
        int family = in.getUnsignedByte(start + 13);
        int length = in.getUnsignedShort(start + 14);
        if (command != LOCAL && command != PROXY) {
            return new Malformed("a malformed PROXY protocol header: version and command are 0x"
                    + HexFormat.of().toHexDigits((byte) command));
        }
        if (length > REST_BYTES_MAX) {
            return new Malformed("a PROXY protocol header of " + (FIXED_BYTES + length) + " bytes: at most "
                    + (FIXED_BYTES + REST_BYTES_MAX) + " are taken; let the load balancer say less (TLVs)");
        }
        int addressBytes = family == TCP_OVER_IPV4 ? 4 : family == TCP_OVER_IPV6 ? 16 : 0;
        if (command == PROXY && length < 2 * addressBytes + 4 && addressBytes > 0) {
            return new Malformed(
                    "a malformed PROXY protocol header: " + length + " bytes are too few for its addresses");
        }
        if (in.readableBytes() < FIXED_BYTES + length) {
            return new Partial();
        }
        in.skipBytes(FIXED_BYTES + length);
        return new Told(command == PROXY && addressBytes > 0 ? source(in, start + FIXED_BYTES, addressBytes) : null);
    }

    private static InetSocketAddress source(ByteBuf in, int at, int addressBytes) {
        byte[] address = new byte[addressBytes];
        in.getBytes(at, address);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(address), in.getUnsignedShort(at + 2 * addressBytes));
        } catch (UnknownHostException e) {
            throw new AssertionError("4 or 16 bytes are an address", e);
        }
    }

    private static boolean begins(ByteBuf in, byte[] with, int length) {
        for (int i = 0; i < length; i++) {
            if (in.getByte(in.readerIndex() + i) != with[i]) {
                return false;
            }
        }
        return true;
    }
}
