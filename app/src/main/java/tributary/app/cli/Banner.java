package tributary.app.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tributary.app.server.Server;
import tributary.app.server.Version;

/// What a person sees when the server is ready; a script gets one JSON line instead.
final class Banner {
    private Banner() {}

    static void print(Server server, boolean terminal, PrintWriter out) {
        if (terminal) {
            people(server, out);
        } else {
            out.println(ServerClient.JSON.writeValueAsString(ready(server)));
        }
        out.flush();
    }

    private static Map<String, Object> ready(Server server) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", "ready");
        line.put("version", Version.TEXT);
        line.put("portal", server.signInLink().orElse(server.http() + "/"));
        line.put("http", server.http().toString());
        line.put("mqtt", server.mqtt().toString());
        server.https().ifPresent(uri -> line.put("https", uri.toString()));
        server.mqtts().ifPresent(uri -> line.put("mqtts", uri.toString()));
        server.authority().ifPresent(ca -> line.put("ca", ca.toString()));
        line.put("data", server.data().toString());
        if (!server.notes().isEmpty()) {
            line.put("notes", server.notes());
        }
        line.put("readyMillis", server.startTime().toMillis());
        return line;
    }

    private static void people(Server server, PrintWriter out) {
        String http = server.http().toString();
        out.printf(
                "  tributary %s · data in %s%s · ready in %.1f s%n%n",
                Version.TEXT,
                server.data(),
                server.fresh() ? " (new)" : "",
                server.startTime().toMillis() / 1000.0);
        server.signInLink()
                .ifPresentOrElse(
                        link -> line(out, "Portal", link, "one-time sign-in, for 15 minutes"),
                        () -> line(out, "Portal", http + "/", "a one-time sign-in: tributary link"));
        line(out, "MQTT", server.mqtt().toString(), "user = device id, password = device token");
        server.mqtts().ifPresent(uri -> line(out, "MQTT, TLS", uri.toString(), "the same, encrypted"));
        line(out, "HTTP", http + "/api/v1/telemetry", "Authorization: Bearer <device token>");
        line(out, "WebSocket", http.replace("http:", "ws:") + "/api/v1/ws", "one JSON or CBOR payload a frame");
        line(out, "Influx", http + "/api/v2/write", "line protocol, as Telegraf's outputs.influxdb_v2 writes it");
        server.https().ifPresent(uri -> line(out, "HTTPS", uri.toString(), "everything on the HTTP port, encrypted"));
        line(out, "REST", http + "/openapi.json", "all routes; the admin key is in " + server.data() + "/cli.key");
        line(out, "Metrics", http + "/metrics", "");
        out.println();
        server.notes().forEach(note -> out.println("  " + note));
        out.println("  Send your own first message:   tributary send my-first temp=21.5");
        out.println(
                "  Ask for it:                    tributary sql \"SELECT * FROM readings WHERE device = 'my-first'\"");
        server.authority().ifPresent(ca -> authority(server, ca, out));
        out.println(
                switch (server.reach()) {
                    case THIS_MACHINE ->
                        "  Only this machine can connect. Other devices on the network:  tributary up --lan";
                    case NETWORK_WITH_TLS ->
                        "  Other machines can connect over TLS; the plain ports are for this machine only.";
                    case NETWORK ->
                        "  Other machines can connect, without encryption: use it on networks that you trust.";
                });
    }

    private static void authority(Server server, Path ca, PrintWriter out) {
        int port = server.mqtts().map(URI::getPort).orElse(0);
        out.println("  TLS with a certificate made here; clients trust it by its authority's, " + ca + ":");
        out.println("    mosquitto_pub -h localhost -p " + port + " --cafile " + ca
                + " -u DEVICE -P TOKEN -t t -m '{\"temp\": 21.5}'");
        server.https().ifPresent(uri -> out.println("    curl --cacert " + ca + " " + uri + "/health/ready"));
    }

    private static void line(PrintWriter out, String name, String value, String hint) {
        out.printf("  %-10s %-44s %s%n", name, value, hint);
    }
}
