package tributary.api;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tributary.gateway.CutOff;
import tributary.model.Quote;

/// Reads the JSON body of a request, never more of it than allowed.
final class RequestBody {
    private RequestBody() {}

    /// @throws ProblemException where the body is missing, too large, of another type or not JSON
    static JsonNode read(ServerRequest request, int bytesMax) {
        String type = request.headers().first(HeaderNames.CONTENT_TYPE).orElse("");
        String essence = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!essence.equals("application/json") && !essence.endsWith("+json")) {
            throw new ProblemException(
                    ProblemCode.UNSUPPORTED_MEDIA_TYPE,
                    "The body is read as JSON only; send 'Content-Type: application/json', was '" + Quote.shorten(type)
                            + "'.");
        }
        byte[] bytes = bytes(request, bytesMax);
        if (bytes.length == 0) {
            throw new ProblemException(ProblemCode.INVALID_JSON, "The body is empty; send a JSON object, at least {}.");
        }
        try {
            return Json.read(bytes);
        } catch (JacksonException e) {
            TokenStreamLocation at = e.getLocation();
            String place = at == null ? "" : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
            throw new ProblemException(
                    ProblemCode.INVALID_JSON,
                    "The body is not JSON" + place + ": " + Quote.shorten(e.getOriginalMessage()));
        }
    }

    private static byte[] bytes(ServerRequest request, int bytesMax) {
        long declared = request.headers().contentLength().orElse(0);
        if (declared > bytesMax) {
            throw tooLarge(bytesMax);
        }
        if (!request.content().hasEntity()) {
            return new byte[0];
        }
        try (InputStream in = request.content().inputStream()) {
            byte[] bytes = in.readNBytes(bytesMax + 1);
            if (bytes.length > bytesMax) {
                throw tooLarge(bytesMax);
            }
            return bytes;
        } catch (CutOff cut) {
            throw new ProblemException(Problem.of(
                            switch (cut.why()) {
                                case TOO_SLOW -> ProblemCode.BODY_SLOW;
                                case TOO_LARGE -> ProblemCode.BODY_TOO_LARGE;
                                case UNREADABLE -> ProblemCode.INVALID_REQUEST;
                            },
                            cut.sentence())
                    .with("Connection", "close"));
        } catch (IOException e) {
            throw new UncheckedIOException("the client stopped sending", e);
        }
    }

    private static ProblemException tooLarge(int bytesMax) {
        return new ProblemException(
                ProblemCode.BODY_TOO_LARGE,
                "The body may have " + bytesMax + " bytes here (setting api.body-bytes-max).");
    }
}
