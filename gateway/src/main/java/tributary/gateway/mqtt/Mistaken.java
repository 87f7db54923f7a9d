package tributary.gateway.mqtt;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Recognises clients that came to the wrong port, by the first bytes that they say.
final class Mistaken {
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int TLS_MAJOR_VERSION = 3;
    private static final int CONNECT = 0x10;

    /// The first bytes of the binary header of the PROXY protocol.
    private static final int PROXY_V2 = 0x0D0A0D0A;

    private static final Pattern HTTP = Pattern.compile("(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT|PRI) /?.*");

    private Mistaken() {}

    /// @param in   what came first, not consumed
    /// @param port the one that it came to
    /// @param tls  the port where TLS is spoken, or 0 for none
    /// @return what is wrong and what to do, or null where it may be MQTT
    static @Nullable String about(ByteBuf in, int port, int tls) {
        int first = in.getUnsignedByte(in.readerIndex());
        if (first == CONNECT) {
            return null;
        }
        if (first == TLS_HANDSHAKE
                && (in.readableBytes() < 2 || in.getUnsignedByte(in.readerIndex() + 1) == TLS_MAJOR_VERSION)) {
            return "TLS hello on the plain port " + port
                    + (tls > 0
                            ? ": use " + tls
                            : ", and this server has no TLS: start it with --tls, or turn TLS off in the client");
        }
        if (in.readableBytes() >= 4 && in.getInt(in.readerIndex()) == PROXY_V2) {
            return "a PROXY protocol header, and it is not expected from this address: add the load balancer's address"
                    + " to mqtt.proxy-from, or turn it off in the load balancer";
        }
        String text = in.toString(in.readerIndex(), Math.min(in.readableBytes(), 16), StandardCharsets.ISO_8859_1);
        if (text.startsWith("PROXY ")) {
            return "a PROXY protocol header of version 1: only version 2 is understood (mqtt.proxy-from)";
        }
        if (HTTP.matcher(text).lookingAt()) {
            return "HTTP on the MQTT port " + port + ": use the HTTP port, 8080 where nothing else was set";
        }
        return null;
    }
}
