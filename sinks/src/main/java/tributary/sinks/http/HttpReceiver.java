package tributary.sinks.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.io.HttpClientResponseHandler;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.sinks.AddressGuard;
import tributary.sinks.Outcome;
import tributary.sinks.SinkTls;
import tributary.sinks.TlsFault;

/// Sends requests to one receiver and says what the answers mean.
///
/// The host's addresses are looked up, checked and connected to in one step; redirects are not followed, cookies not
/// kept, proxies of the environment not used; an answer is read for its status and the beginning of its text, and a
/// request ends after its time whatever the receiver does.
final class HttpReceiver implements AutoCloseable {
    private static final int ANSWER_BYTES_MAX = 4096;
    private static final int READ_BYTES_MAX = 16 << 20;

    /// Nobody's parcel is to blame: the receiver is busy or away, or the definition leads to the wrong place.
    private static final Set<Integer> AWAY = Set.of(401, 403, 405, 407, 408, 425, 429, 502, 503, 504);

    private static final Set<Integer> NOT_THERE = Set.of(404, 410);

    private final CloseableHttpClient client;
    private final ScheduledThreadPoolExecutor deadlines;
    private final Duration timeout;
    private final InstantSource clock;

    HttpReceiver(AddressGuard guard, Duration timeout, SinkTls tls, InstantSource clock) {
        this.timeout = timeout;
        this.clock = clock;
        Timeout limit = Timeout.of(timeout);
        ConnectionConfig connection = ConnectionConfig.custom()
                .setConnectTimeout(limit)
                .setSocketTimeout(limit)
                .setValidateAfterInactivity(Timeout.ofSeconds(2))
                .setTimeToLive(Timeout.ofMinutes(5))
                .build();
        client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(new Guarded(guard))
                        .setTlsSocketStrategy(new DefaultClientTlsStrategy(context(tls)))
                        .setDefaultConnectionConfig(connection)
                        .build())
                .setDefaultRequestConfig(
                        RequestConfig.custom().setResponseTimeout(limit).build())
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableCookieManagement()
                .disableAuthCaching()
                .setUserAgent("Tributary")
                .build();
        deadlines = new ScheduledThreadPoolExecutor(
                1, Thread.ofVirtual().name("sink-deadlines").factory());
        deadlines.setRemoveOnCancelPolicy(true);
    }

    private static SSLContext context(SinkTls tls) {
        try {
            return tls.context();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("what was read as a certificate is none any more", e);
        }
    }

    /// Looks names up with the guard.
    private record Guarded(AddressGuard guard) implements DnsResolver {
        @Override
        public InetAddress[] resolve(String host) throws UnknownHostException {
            return guard.resolve(host);
        }

        @Override
        public String resolveCanonicalHostname(String host) throws UnknownHostException {
            return guard.resolve(host)[0].getHostAddress();
        }
    }

    /// Says what a good answer means.
    interface Reading {
        /// @param text of the answer
        Outcome outcome(String text);
    }

    /// @param oneOfMany whether the address is made for this parcel, so that "not there" is about the parcel
    Outcome send(HttpUriRequestBase request, boolean oneOfMany) {
        return exchange(request, response -> outcome(response, host(request), oneOfMany));
    }

    /// @param reading what to make of the text of a good answer
    Outcome send(HttpUriRequestBase request, boolean oneOfMany, Reading reading) {
        return exchange(request, response -> {
            boolean good = response.getCode() >= 200 && response.getCode() < 300;
            return good
                    ? reading.outcome(text(response.getEntity(), READ_BYTES_MAX))
                    : outcome(response, host(request), oneOfMany);
        });
    }

    private Outcome exchange(HttpUriRequestBase request, HttpClientResponseHandler<Outcome> handler) {
        Future<?> deadline = deadlines.schedule(request::cancel, timeout.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return client.execute(request, handler);
        } catch (AddressGuard.ClosedAddress e) {
            return Outcome.away(String.valueOf(e.getMessage()));
        } catch (UnknownHostException e) {
            return Outcome.away("there is no host " + host(request) + "; look at the name, or at the name server");
        } catch (IOException e) {
            // the client and the deadline wait as long as one another: either may be first
            boolean late = request.isCancelled() || e instanceof SocketTimeoutException;
            String what = late ? "did not answer within " + timeout.toMillis() + " ms" : said(e);
            return Outcome.away(host(request) + ": " + what);
        } finally {
            deadline.cancel(false);
        }
    }

    private static String said(IOException e) {
        String message = e.getMessage();
        return TlsFault.said(e)
                .orElseGet(() -> e.getClass().getSimpleName() + (message == null ? "" : " " + Quote.shorten(message)));
    }

    /// The rest of an address may hold a secret.
    private static String host(HttpUriRequestBase request) {
        try {
            URI uri = request.getUri();
            return uri.getScheme() + "://" + uri.getRawAuthority();
        } catch (Exception e) {
            return "the receiver";
        }
    }

    private Outcome outcome(ClassicHttpResponse response, String host, boolean oneOfMany) throws IOException {
        int status = response.getCode();
        String text = Quote.shorten(text(response.getEntity(), ANSWER_BYTES_MAX));
        if (status >= 200 && status < 300) {
            return Outcome.DONE;
        }
        String answer = "%s answered %d %s%s"
                .formatted(
                        host,
                        status,
                        Quote.shorten(String.valueOf(response.getReasonPhrase())),
                        text.isBlank() ? "" : ": " + text);
        if (status >= 300 && status < 400) {
            return Outcome.away(answer + "; redirects are not followed, give the address it leads to");
        }
        if (AWAY.contains(status) || NOT_THERE.contains(status) && !oneOfMany) {
            return new Outcome.Away(0, answer, retryAfter(response.getFirstHeader("Retry-After")));
        }
        return status >= 500 ? new Outcome.Failed(0, answer) : new Outcome.Refused(0, answer);
    }

    private static String text(@Nullable HttpEntity entity, int bytesMax) throws IOException {
        if (entity == null) {
            return "";
        }
        try (InputStream in = entity.getContent()) {
            return new String(in.readNBytes(bytesMax), StandardCharsets.UTF_8).strip();
        }
    }

    private Duration retryAfter(@Nullable Header header) {
        if (header == null) {
            return Duration.ZERO;
        }
        String value = header.getValue().strip();
        if (value.matches("\\d{1,9}")) {
            return Duration.ofSeconds(Long.parseLong(value));
        }
        try {
            Instant then = Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(value));
            Duration wait = Duration.between(clock.instant(), then);
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException e) {
            return Duration.ZERO;
        }
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
        client.close(CloseMode.IMMEDIATE);
    }
}
