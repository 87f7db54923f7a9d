package tributary.app.server;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Refuses requests that can be read in two ways, before anything is done for them: a proxy that reads them in the
/// other way would take for one request what are two here, and let a stranger's second one through as somebody
/// else's (RFC 9112, 6.3 and 11.2). The server itself takes the first of two lengths, and a length beside chunks.
final class Framing implements Filter {
    /// Browsers send some twenty, proxies add a few.
    static final int HEADERS_MAX = 100;

    private static final Header PROBLEM =
            HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/problem+json");
    private static final Status TOO_MANY_HEADERS = Status.create(431, "Request Header Fields Too Large");
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        ServerRequestHeaders headers = request.headers();
        String wrong = wrong(headers);
        if (wrong != null) {
            refuse(response, Status.BAD_REQUEST_400, wrong);
        } else if (headers.size() > HEADERS_MAX) {
            refuse(response, TOO_MANY_HEADERS, "A request has at most " + HEADERS_MAX + " headers. Send fewer.");
        } else {
            chain.proceed();
        }
    }

    /// @return what is wrong with how the body's length is said, or null
    private static @Nullable String wrong(ServerRequestHeaders headers) {
        for (Header header : headers) {
            if (header.name().isEmpty()) {
                return "A header has no name. Give it one, or leave it out.";
            }
        }
        boolean hasLength = headers.contains(HeaderNames.CONTENT_LENGTH);
        if (headers.contains(HeaderNames.TRANSFER_ENCODING)) {
            Header coding = headers.get(HeaderNames.TRANSFER_ENCODING);
            if (hasLength) {
                return "Transfer-Encoding and Content-Length cannot both say how long the body is. Send one of them.";
            }
            if (coding.valueCount() > 1 || !coding.get().strip().equalsIgnoreCase("chunked")) {
                return "Transfer-Encoding is 'chunked' or is not sent. Compress with Content-Encoding.";
            }
        }
        if (hasLength) {
            Header length = headers.get(HeaderNames.CONTENT_LENGTH);
            if (length.valueCount() > 1 || !LENGTH.matcher(length.get()).matches()) {
                return "Content-Length is one number of bytes. Send it once, in digits.";
            }
        }
        return null;
    }

    private static void refuse(RoutingResponse response, Status status, String detail) {
        String problem =
                "{\"type\":\"/problems/invalid-request\",\"title\":\"Not a request that can be read\",\"status\":"
                        + status.code() + ",\"detail\":\"" + detail + "\"}";
        response.status(status)
                .header(PROBLEM)
                .header(HeaderValues.CONNECTION_CLOSE)
                .send(problem.getBytes(StandardCharsets.UTF_8));
        // What follows on the connection may be the rest of this request or another one: nobody knows.
        throw new CloseConnectionException("refused: " + detail);
    }
}
