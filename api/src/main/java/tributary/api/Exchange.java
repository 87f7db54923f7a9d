package tributary.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tributary.model.PlatformException;
import tributary.query.QueryException;
import tributary.registry.AlreadyExistsException;
import tributary.registry.StaleVersionException;

/// Carries one request through gate and handler and writes the answer; every error leaves here as a problem.
final class Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private static final Map<HeaderName, String> SECURITY_HEADERS = Map.of(
            HeaderNames.create("X-Content-Type-Options"),
            "nosniff",
            HeaderNames.create("Content-Security-Policy"),
            "default-src 'none'; frame-ancestors 'none'",
            HeaderNames.create("Referrer-Policy"),
            "no-referrer",
            HeaderNames.create("Cross-Origin-Resource-Policy"),
            "same-origin",
            HeaderNames.CACHE_CONTROL,
            "no-store");

    private final Gate gate;
    private final MeterRegistry meters;
    private final List<String> corsOrigins;

    Exchange(Gate gate, MeterRegistry meters, List<String> corsOrigins) {
        this.gate = gate;
        this.meters = meters;
        this.corsOrigins = List.copyOf(corsOrigins);
    }

    void handle(Route route, ServerRequest request, ServerResponse response) {
        Identity identity = null;
        Answer answer;
        try {
            identity = gate.identify(route, request);
            gate.permit(route, identity, request);
            answer = route.handler().handle(gate.admit(route, identity, request));
        } catch (RuntimeException e) {
            answer = new Answer.Refusal(problem(e, route.toString()));
        }
        int status = write(answer, new Asked(route, identity, request), response);
        Counter.builder("tributary.http.requests")
                .description("requests that the API answered")
                .tags(Tags.of(
                        "route", route.path(), "method", route.method().text(), "status", Integer.toString(status)))
                .register(meters)
                .increment();
    }

    /// Answers a request that no route is for.
    void unlisted(List<Route> routes, ServerRequest request, ServerResponse response) {
        String asked = request.prologue().uriPath().path();
        List<String> others = routes.stream()
                .filter(route -> route.covers(asked))
                .map(route -> route.method().text())
                .sorted()
                .toList();
        Problem problem = others.isEmpty()
                ? Problem.notFound()
                : Problem.of(
                                ProblemCode.METHOD_NOT_ALLOWED,
                                "This path takes " + String.join(", ", others) + "; see /openapi.json.")
                        .with("Allow", String.join(", ", others));
        refuse(problem, request, response);
    }

    void refuse(Problem problem, ServerRequest request, ServerResponse response) {
        head(problem.code().status(), request, response);
        problem.headers().forEach((name, value) -> response.header(HeaderNames.create(name), value));
        response.header(HeaderNames.CONTENT_TYPE, Problem.MEDIA_TYPE);
        response.send(Json.bytes(problem.json()));
    }

    /// @param where what was asked, for the log
    static Problem problem(RuntimeException e, String where) {
        return switch (e) {
            case ProblemException known -> known.problem();
            case PlatformException failed -> {
                LOG.warn("{} failed with {}: {}", where, failed.fault(), failed.detail());
                yield Problem.of(ProblemCode.of(failed.fault()), failed.detail());
            }
            case AlreadyExistsException taken ->
                Problem.of(
                        ProblemCode.ALREADY_EXISTS,
                        taken.getMessage() + ". Choose another name, or change the one there is.");
            case StaleVersionException stale -> Problem.of(ProblemCode.CHANGED_MEANWHILE, stale.getMessage() + ".");
            case QueryException query ->
                query.reason() == QueryException.Reason.BUSY
                        ? Problem.of(ProblemCode.of(query.reason()), query.detail())
                                .retryAfter(Duration.ofSeconds(1))
                        : Problem.of(ProblemCode.of(query.reason()), query.detail());
            default -> {
                LOG.error("{} met a bug", where, e);
                yield Problem.of(
                        ProblemCode.INTERNAL,
                        "Something here is broken, and it is not your request. The server's log says more;"
                                + " please report"
                                + " it with the time.");
            }
        };
    }

    /// What an answer belongs to.
    private record Asked(Route route, @Nullable Identity identity, ServerRequest request) {}

    /// Writes the line of the audit first: who has the answer knows that the line is written.
    ///
    /// @return the status that left
    private int write(Answer answer, Asked asked, ServerResponse response) {
        ServerRequest request = asked.request();
        if (answer instanceof Answer.Streamed streamed) {
            return stream(streamed, asked, response);
        }
        int status = status(answer);
        Audit.write(asked.route(), asked.identity(), request, status);
        switch (answer) {
            case Answer.Document(int _, JsonNode body, Map<String, List<String>> headers) -> {
                head(status, request, response);
                add(headers, response);
                response.header(HeaderNames.CONTENT_TYPE, "application/json");
                response.send(Json.bytes(body));
            }
            case Answer.Plain(int _, String mediaType, String body) -> {
                head(status, request, response);
                response.header(HeaderNames.CONTENT_TYPE, mediaType);
                response.send(body);
            }
            case Answer.Empty(int _, Map<String, List<String>> headers) -> {
                head(status, request, response);
                add(headers, response);
                response.send();
            }
            case Answer.Refusal(Problem problem) -> refuse(problem, request, response);
            case Answer.Streamed _ -> throw new IllegalStateException("streamed above");
        }
        return status;
    }

    private static int status(Answer answer) {
        return switch (answer) {
            case Answer.Document document -> document.status();
            case Answer.Plain plain -> plain.status();
            case Answer.Empty empty -> empty.status();
            case Answer.Refusal refusal -> refusal.problem().code().status();
            case Answer.Streamed _ -> 200;
        };
    }

    private int stream(Answer.Streamed streamed, Asked asked, ServerResponse response) {
        Route route = asked.route();
        ServerRequest request = asked.request();
        FirstByte out = new FirstByte(
                () -> {
                    head(200, request, response);
                    response.header(HeaderNames.CONTENT_TYPE, streamed.mediaType());
                    OutputStream opened = response.outputStream();
                    return opened;
                },
                streamed.live());
        try {
            streamed.body().writeTo(out);
            out.close();
            return 200;
        } catch (IOException e) {
            LOG.debug("{}: the client left", route);
            throw new CloseConnectionException("the client left", e);
        } catch (RuntimeException e) {
            Problem problem = problem(e, route.toString());
            if (out.started()) {
                LOG.warn("{}: cut after the first byte: {}", route, problem.detail());
                throw new CloseConnectionException("cut: " + problem.code().slug(), e);
            }
            Audit.write(route, asked.identity(), request, problem.code().status());
            refuse(problem, request, response);
            return problem.code().status();
        }
    }

    private void head(int status, ServerRequest request, ServerResponse response) {
        response.status(Status.create(status));
        SECURITY_HEADERS.forEach(response::header);
        cors(request.headers().first(HeaderNames.ORIGIN).orElse(null), response);
    }

    /// Only origins from the configuration, never with cookies, and never whatever the caller says.
    private void cors(@Nullable String origin, ServerResponse response) {
        if (corsOrigins.isEmpty()) {
            return;
        }
        response.header(HeaderNames.VARY, "Origin");
        if (origin != null && corsOrigins.contains(origin)) {
            response.header(HeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.header(HeaderNames.create("Cross-Origin-Resource-Policy"), "cross-origin");
        }
    }

    /// Answers a browser that asks whether a page of another origin may call.
    void preflight(ServerRequest request, ServerResponse response) {
        head(204, request, response);
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_METHODS, "GET, POST, PUT, PATCH, DELETE");
        response.header(HeaderNames.ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type, Last-Event-ID");
        response.header(HeaderNames.ACCESS_CONTROL_MAX_AGE, "600");
        response.send();
    }

    private static void add(Map<String, List<String>> headers, ServerResponse response) {
        headers.forEach((name, values) -> response.header(HeaderNames.create(name), values.toArray(String[]::new)));
    }
}
