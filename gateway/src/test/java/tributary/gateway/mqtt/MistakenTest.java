package tributary.gateway.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.gateway.tls.HandshakeFailure;

/// What the operator reads about clients that came to the wrong port.
class MistakenTest {
    @Test
    void tlsHelloOnThePlainPortIsSentToTheTlsPort() {
        byte[] hello = Wire.hex("16 03 01 02 00 01 00 01 fc 03 03");
        assertThat(Mistaken.about(Unpooled.wrappedBuffer(hello), 1883, 8883))
                .isEqualTo("TLS hello on the plain port 1883: use 8883");
        assertThat(Mistaken.about(Unpooled.wrappedBuffer(hello, 0, 1), 1883, 8883))
                .isEqualTo("TLS hello on the plain port 1883: use 8883");
    }

    @Test
    void tlsHelloIsToldThatThereIsNoTls() {
        assertThat(Mistaken.about(Unpooled.wrappedBuffer(Wire.hex("16 03 01")), 1883, 0))
                .isEqualTo("TLS hello on the plain port 1883, and this server has no TLS: start it with --tls, or turn"
                        + " TLS off in the client");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET / HTTP/1.1\r\n", "POST /api HTTP/1.1\r\n", "OPTIONS * HTTP/1.1", "PRI * HTTP/2.0\r\n"})
    void httpIsSentToTheHttpPort(String request) {
        assertThat(about(request)).startsWith("HTTP on the MQTT port 1883: use the HTTP port");
    }

    @Test
    void proxyHeaderIsToldHowItIsTurnedOn() {
        assertThat(Mistaken.about(Unpooled.wrappedBuffer(Wire.hex("0d0a0d0a000d0a515549540a")), 1883, 0))
                .contains("mqtt.proxy-from");
        assertThat(about("PROXY TCP4 10.0.0.1")).contains("version 2");
    }

    @Test
    void mqttAndWhatIsNeitherIsLeftToTheReader() {
        assertThat(Mistaken.about(Unpooled.wrappedBuffer(Wire.connect(5, "pump", null)), 1883, 0))
                .isNull();
        assertThat(about("\0\0\0\0")).isNull();
        assertThat(about("\u0016")).contains("TLS");
        assertThat(about("\u0016\u0004MQTT")).isNull();
    }

    private static String about(String text) {
        return Mistaken.about(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1), 1883, 8883);
    }

    @Test
    void plainMqttOnTheTlsPortIsSentToThePlainPort() {
        assertThat(HandshakeFailure.explain(new NotSslRecordException("x"), 8883, 1883))
                .isEqualTo("no TLS on the TLS port 8883: turn TLS on in the client, or use 1883");
    }

    @ParameterizedTest
    @CsvSource({
        "error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA, does not trust the server's certificate",
        "Received fatal alert: certificate_unknown, does not trust the server's certificate",
        "error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL, TLS 1.1 or older",
        "'(protocol_version) The client supported protocol versions[TLSv1.1] are not accepted', TLS 1.1 or older",
        "error:100000b8:SSL routines:OPENSSL_internal:NO_SHARED_CIPHER, cipher suites",
        "anything else, 'the TLS handshake failed: anything else'"
    })
    void failedHandshakeSaysWhatToDo(String engine, String said) {
        assertThat(HandshakeFailure.explain(new SSLHandshakeException(engine), 8883, 1883))
                .contains(said);
    }

    @Test
    void causeDeepInsideIsFound() {
        Exception failure = new DecoderException(
                new SSLHandshakeException("General problem")); // as Netty wraps what an engine threw
        failure.getCause().initCause(new CertificateException("it expired yesterday"));
        assertThat(HandshakeFailure.explain(failure, 8883, 1883))
                .isEqualTo("the client's certificate is refused: it expired yesterday");
        assertThat(HandshakeFailure.explain(new ClosedChannelException(), 8883, 1883))
                .contains("left during the TLS handshake");
    }
}
