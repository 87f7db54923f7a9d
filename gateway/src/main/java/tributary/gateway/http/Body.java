package tributary.gateway.http;

import com.github.luben.zstd.ZstdIOException;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;
import tributary.gateway.Cause;
import tributary.gateway.CutOff;
import tributary.gateway.DoorProblem;

/// Reads a request's body whole, decompressed, and never more of it than is allowed.
final class Body {
    /// The window that zstd may ask for: 2^23 bytes, as RFC 8878 recommends to support.
    private static final int ZSTD_WINDOW_LOG_MAX = 23;

    private static final int GZIP_BUFFER_BYTES = 4096;

    private final int bytesMax;

    Body(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /// @return the bytes; owned by the caller
    /// @throws Refusal with 413 where it is larger than allowed, 408 where it comes too slowly, 415 for an unknown
    /// coding, 400 for a broken one
    byte[] read(ServerRequest request) {
        long length = length(request);
        if (length > bytesMax) {
            throw tooLarge();
        }
        String coding = request.headers().contains(HeaderNames.CONTENT_ENCODING)
                ? request.headers()
                        .get(HeaderNames.CONTENT_ENCODING)
                        .get()
                        .strip()
                        .toLowerCase(Locale.ROOT)
                : "identity";
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try (InputStream raw = request.content().inputStream()) {
            return coding.isEmpty() || coding.equals("identity") ? plain(raw, (int) length) : decompressed(raw, coding);
        } catch (ZipException | ZstdIOException | EOFException e) {
            throw new Refusal(
                    Problem.of(
                            DoorProblem.BODY_BROKEN,
                            "The body is not " + coding + " as Content-Encoding says (" + e.getMessage()
                                    + "). Compress it again, or send it plain without that header."),
                    Cause.PAYLOAD_UNREADABLE);
        } catch (CutOff cut) {
            throw refusal(cut);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Of a body that was cut off.
    static Refusal refusal(CutOff cut) {
        return new Refusal(
                Problem.of(cut),
                switch (cut.why()) {
                    case TOO_SLOW -> Cause.TOO_SLOW;
                    case TOO_LARGE -> Cause.PAYLOAD_TOO_LARGE;
                    case UNREADABLE -> Cause.PROTOCOL_ERROR;
                });
    }

    /// Not the header's own number, which is looked up among the converters of all services for every request.
    ///
    /// @return what Content-Length says, which is known to be a number; -1 where nothing says it
    private static long length(ServerRequest request) {
        return request.headers().contains(HeaderNames.CONTENT_LENGTH)
                ? Long.parseLong(
                        request.headers().get(HeaderNames.CONTENT_LENGTH).get())
                : -1;
    }

    /// @param length in bytes, or -1 where it is not known before the end
    private byte[] plain(InputStream in, int length) throws IOException {
        if (length < 0) {
            return limited(in);
        }
        byte[] body = new byte[length];
        if (in.readNBytes(body, 0, body.length) < body.length) {
            throw new EOFException("it ends before its Content-Length");
        }
        return body;
    }

    private byte[] decompressed(InputStream raw, String coding) throws IOException {
        return switch (coding) {
            case "gzip", "x-gzip" -> {
                try (InputStream in = new GZIPInputStream(raw, GZIP_BUFFER_BYTES)) {
                    yield limited(in);
                }
            }
            case "deflate" -> {
                try (InputStream in = new InflaterInputStream(raw)) {
                    yield limited(in);
                }
            }
            case "zstd" -> {
                try (ZstdInputStreamNoFinalizer in = new ZstdInputStreamNoFinalizer(raw)) {
                    in.setLongMax(ZSTD_WINDOW_LOG_MAX);
                    yield limited(in);
                }
            }
            default ->
                throw new Refusal(
                        Problem.of(
                                        DoorProblem.CODING_UNSUPPORTED,
                                        "Content-Encoding '" + coding
                                                + "' cannot be read. Use gzip, zstd or deflate, once, or send"
                                                + " the body plain.")
                                .with("Accept-Encoding", "gzip, zstd, deflate"),
                        Cause.PAYLOAD_UNREADABLE);
        };
    }

    /// Reads to the end, or to one byte beyond what is allowed.
    private byte[] limited(InputStream in) throws IOException {
        byte[] body = in.readNBytes(bytesMax + 1);
        if (body.length > bytesMax) {
            throw tooLarge();
        }
        return body;
    }

    private Refusal tooLarge() {
        return new Refusal(
                Problem.of(
                        DoorProblem.BODY_TOO_LARGE,
                        "A body has at most " + bytesMax
                                + " bytes, decompressed (http.body-bytes-max). Send it in several requests."),
                Cause.PAYLOAD_TOO_LARGE);
    }
}
