package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;

/// A client of one live stream.
final class LiveClient implements AutoCloseable {
    private final World world;
    private final InputStream body;
    private final BufferedReader lines;

    record Event(String name, String id, JsonNode data) {}

    LiveClient(World world, String key, String path, String lastEventId) throws IOException, InterruptedException {
        this.world = world;
        HttpRequest.Builder request = HttpRequest.newBuilder(world.uri(path)).header("Authorization", "Bearer " + key);
        if (!lastEventId.isEmpty()) {
            request.header("Last-Event-ID", lastEventId);
        }
        HttpResponse<InputStream> response = open(request.build());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        body = response.body();
        lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
    }

    /// Waits, as a client does, where the places of streams that this test just left are not free again yet.
    private HttpResponse<InputStream> open(HttpRequest request) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (true) {
            HttpResponse<InputStream> response = world.http.send(request, HttpResponse.BodyHandlers.ofInputStream());
            if (response.statusCode() != 429 || System.nanoTime() > deadline) {
                return response;
            }
            response.body().close();
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    void opened() throws IOException {
        assertThat(lines.readLine()).startsWith("retry:");
    }

    Event next() throws IOException {
        String name = "";
        String id = "";
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("data: ")) {
                return new Event(name, id, Json.read(line.substring(6)));
            }
        }
        throw new IOException("the stream ended");
    }

    Event next(String wanted) throws IOException {
        Event event = next();
        assertThat(event.name()).isEqualTo(wanted);
        return event;
    }

    String heartbeat() throws IOException {
        while (!lines.readLine().equals(": heartbeat")) {
            // other lines
        }
        return lines.readLine().substring(4);
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
