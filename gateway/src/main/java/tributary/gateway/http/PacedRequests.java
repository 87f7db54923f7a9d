package tributary.gateway.http;

import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Filter;
import io.helidon.webserver.http.FilterChain;
import io.helidon.webserver.http.RoutingRequest;
import io.helidon.webserver.http.RoutingResponse;
import tributary.gateway.CutOff;
import tributary.gateway.Pace;

/// Tells the [Pace] of a connection where the body of a request begins and where it is over, and answers for whoever
/// reads a body without a word of his own for one that is cut off. A connection on which nobody knows where the next
/// request begins closes.
public final class PacedRequests implements Filter {
    private static final Header PROBLEM = HeaderValues.createCached(HeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE);

    @Override
    public void filter(FilterChain chain, RoutingRequest request, RoutingResponse response) {
        Pace pace = Pace.here();
        pace.body();
        try {
            chain.proceed();
            if (!pace.cut()
                    && request.content().hasEntity()
                    && !request.content().consumed()) {
                request.content().consume();
            }
        } catch (CutOff cut) {
            answer(response, Problem.of(cut));
        }
        if (pace.cut()) {
            throw new CloseConnectionException("what follows is the rest of a request that was cut off");
        }
        pace.rest();
    }

    private static void answer(RoutingResponse response, Problem problem) {
        if (response.isSent()) {
            return;
        }
        response.status(Status.create(problem.status()))
                .header(PROBLEM)
                .header(HeaderValues.CONNECTION_CLOSE)
                .send(problem.json());
    }
}
