package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;
import tributary.query.QueryEngine.Aggregate;
import tributary.query.QueryEngine.Sampling;
import tributary.query.QueryEngine.SeriesRequest;
import tributary.query.QueryException;
import tributary.query.RowFormat;

/// The way of a query's outcome over HTTP.
class QueryTest {
    @TempDir
    static Path data;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(data);
        world.device(TenantId.MAIN, "p");
        world.device(TenantId.MAIN, "p:1");
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void rowsComeInTheFormatOfTheParameterOrOfTheAcceptHeader() {
        for (RowFormat format : RowFormat.values()) {
            String name = format.name().toLowerCase(Locale.ROOT);
            World.Reply byName = world.post(world.viewer, "/api/v1/sql?format=" + name, "{\"sql\":\"3\"}");
            assertThat(byName.header("Content-Type")).isEqualTo(format.mediaType());
            World.Reply byType = world.send(
                    "POST",
                    world.viewer,
                    "/api/v1/sql",
                    "{\"sql\":\"3\"}",
                    "Accept",
                    "text/none;q=1, " + format.mediaType());
            assertThat(byType.header("Content-Type")).isEqualTo(format.mediaType());
            assertThat(byType.text()).isEqualTo(byName.text());
        }
        assertThat(world.get(world.viewer, "/api/v1/sql?q=2")
                        .json()
                        .path("rowCount")
                        .intValue())
                .isEqualTo(2);
        World.Reply none = world.send("GET", world.viewer, "/api/v1/sql?q=2", null, "Accept", "text/html");
        assertThat(none.status()).isEqualTo(406);
        assertThat(none.detail()).contains("text/csv");
        assertThat(world.get(world.viewer, "/api/v1/sql?q=2&format=cvs").detail())
                .contains("did you mean csv?");
        assertThat(world.query.open.get()).isZero();
    }

    @Test
    void limitsOfTheCallerReachTheEngineAndAreLimitedThemselves() {
        world.post(world.viewer, "/api/v1/sql", "{\"sql\":\"1\",\"timeoutMs\":1500,\"rowsMax\":7}");
        assertThat(world.query.limitsAsked.getLast().timeout()).isEqualTo(Duration.ofMillis(1500));
        assertThat(world.query.limitsAsked.getLast().rowsMax()).isEqualTo(7);
        World.Reply endless = world.post(world.viewer, "/api/v1/sql", "{\"sql\":\"1\",\"timeoutMs\":99999999}");
        assertThat(endless.status()).isEqualTo(400);
        assertThat(endless.detail()).contains("1 to 600000");
    }

    @Test
    void everyReasonThatAQueryFailsForHasAProblemOfItsOwn() {
        Map<QueryException.Reason, Integer> statuses = Map.of(
                QueryException.Reason.WRONG, 400,
                QueryException.Reason.REFUSED, 422,
                QueryException.Reason.TIMEOUT, 422,
                QueryException.Reason.TOO_LARGE, 422,
                QueryException.Reason.CANCELLED, 503,
                QueryException.Reason.CRASHED, 500,
                QueryException.Reason.BUSY, 429);
        for (QueryException.Reason reason : QueryException.Reason.values()) {
            World.Reply reply = world.post(world.viewer, "/api/v1/sql", "{\"sql\":\"refuse " + reason + "\"}");
            assertThat(reply.status()).isEqualTo(statuses.get(reason));
            assertThat(reply.detail()).isEqualTo("refused as asked: " + reason);
        }
    }

    @Test
    void aFailureAmongTheFirstRowsIsStillAProblem() {
        World.Reply reply = world.post(world.viewer, "/api/v1/sql", "{\"sql\":\"break after 5\"}");
        assertThat(reply.status()).isEqualTo(422);
        assertThat(reply.problem()).isEqualTo("/problems/query-timeout");
        assertThat(world.query.open.get()).isZero();
    }

    @Test
    void aLaterFailureCutsTheStreamSoThatTheClientNotices() {
        for (String format : new String[] {"json", "ndjson"}) {
            HttpRequest request = HttpRequest.newBuilder(
                            world.uri("/api/v1/sql?q=break%20after%2050000&format=" + format))
                    .header("Authorization", "Bearer " + world.viewer)
                    .build();
            assertThatThrownBy(() -> world.http.send(request, HttpResponse.BodyHandlers.ofByteArray()))
                    .isInstanceOf(IOException.class);
        }
        assertThat(world.query.open.get()).isZero();
    }

    @Test
    void manyRowsStreamThrough() {
        World.Reply reply = world.get(world.viewer, "/api/v1/sql?q=200000&format=ndjson");
        assertThat(reply.text().lines().count()).isEqualTo(200_000);
        assertThat(reply.header("Transfer-Encoding")).isEqualTo("chunked");
    }

    @Test
    void aSeriesNamesItsDeviceEvenWhereItsIdHasAColon() {
        world.get(world.viewer, "/api/v1/series?series=p:a.b&series=p:1:temp&series=p:x%5B0%5D");
        SeriesRequest asked = world.query.seriesAsked.getLast();
        assertThat(asked.series())
                .extracting(name -> name.device() + " " + name.sensor())
                .containsExactly("p a.b", "p:1 temp", "p x[0]");
        assertThat(Duration.between(asked.from(), asked.to())).isEqualTo(Duration.ofHours(1));
        assertThat(asked.sampling()).isEqualTo(new Sampling.Raw());
    }

    @Test
    void aSeriesIsRawOrInBucketsOrForAChart() {
        world.get(world.viewer, "/api/v1/series?series=p:t&from=2026-11-20&to=2026-11-21T00:00:00Z&every=5m&agg=max");
        SeriesRequest asked = world.query.seriesAsked.getLast();
        assertThat(asked.sampling()).isEqualTo(new Sampling.Bucket(Duration.ofMinutes(5), Aggregate.MAX));
        assertThat(Duration.between(asked.from(), asked.to())).isEqualTo(Duration.ofDays(1));
        world.get(world.viewer, "/api/v1/series?series=p:t&points=800&from=-7d");
        assertThat(world.query.seriesAsked.getLast().sampling()).isEqualTo(new Sampling.M4(200));
        world.get(world.viewer, "/api/v1/series?series=p:t&from=1690000000000&to=now&every=1d");
        assertThat(world.query.seriesAsked.getLast().sampling())
                .isEqualTo(new Sampling.Bucket(Duration.ofDays(1), Aggregate.AVG));
    }

    @Test
    void aWrongSeriesRequestSaysWhatWouldBeRight() {
        for (String[] wrong : new String[][] {
            {"series=p:t&from=yesterday", "-1h"},
            {"series=p:t&from=now&to=-1h", "before 'to'"},
            {"series=p:t&every=5 minutes", "30s"},
            {"series=p:t&every=5m&points=800", "one or the other"},
            {"series=p:t&agg=avg", "needs 'every'"},
            {"series=p:t&points=3", "4 to 200000"},
            {"series=p:t&agg=mean&every=5m", "avg, min, max"},
            {"series=p:t&from=-999999999w", "-1h"},
            {"from=-1h", "series: is missing"},
            {"sereis=p:t", "did you mean series?"},
        }) {
            World.Reply reply = world.get(world.viewer, "/api/v1/series?" + wrong[0].replace(" ", "%20"));
            assertThat(reply.status()).as(wrong[0]).isEqualTo(400);
            assertThat(reply.text()).as(wrong[0]).contains(wrong[1]);
        }
        assertThat(world.get(world.viewer, "/api/v1/series?series=temp").status())
                .isEqualTo(404);
        assertThat(world.get(world.viewer, "/api/v1/series?series=p:").status()).isEqualTo(404);
    }
}
