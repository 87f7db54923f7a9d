package tributary.app.server;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The portal's files, out of the build's own jar and in memory: they are a few hundred kilobytes.
///
/// Pages have paths of their own (`/devices/pump-1`); each of them is the same document, which the browser fills.
final class PortalFiles {
    /// Paths that a browser may be sent to; the table in `portal/src/app.tsx` says what each shows.
    static final List<String> PAGES = List.of(
            "/",
            "/devices",
            "/devices/{id}",
            "/alarms",
            "/rules",
            "/rules/{name}",
            "/dashboards",
            "/dashboards/{name}",
            "/dashboards/of/{type}",
            "/connect",
            "/shared",
            "/explore",
            "/explore/files",
            "/explore/message",
            "/messages",
            "/admin");

    private static final String ROOT = "/tributary/portal/";
    private static final String INDEX = "index.html";

    /// Files below it carry a digest in their names.
    private static final String ASSETS = "assets/";

    private static final HeaderName POLICY = HeaderNames.create("Content-Security-Policy");
    private static final HeaderName NO_SNIFF = HeaderNames.create("X-Content-Type-Options");
    private static final HeaderName REFERRER = HeaderNames.create("Referrer-Policy");
    private static final HeaderName OPENER = HeaderNames.create("Cross-Origin-Opener-Policy");
    private static final HeaderName RESOURCES = HeaderNames.create("Cross-Origin-Resource-Policy");

    /// Nothing from anywhere else, no script in the page, and nobody may frame it.
    private static final String OURS_ONLY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
                    + " font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "json", "application/json",
            "txt", "text/plain; charset=utf-8");

    private final Map<String, Asset> files = new LinkedHashMap<>();

    /// @param gzip the same compressed, or null where that gains nothing
    private record Asset(String type, byte[] bytes, byte @Nullable [] gzip, String tag) {}

    PortalFiles() {
        byte[] list = Objects.requireNonNull(read("files.txt"), "the portal's jar is not on the class path");
        for (String name : new String(list, StandardCharsets.UTF_8).lines().toList()) {
            byte[] bytes = Objects.requireNonNull(read(name), name);
            String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
            files.put(name, new Asset(type, bytes, read(name + ".gz"), tag(bytes)));
        }
    }

    void register(HttpRouting.Builder routing) {
        files.keySet().stream().filter(name -> !name.equals(INDEX)).forEach(name -> serve(routing, "/" + name, name));
        PAGES.forEach(page -> serve(routing, page, INDEX));
    }

    private void serve(HttpRouting.Builder routing, String path, String name) {
        routing.get(path, (request, response) -> send(name, request, response));
        routing.head(path, (request, response) -> send(name, request, response));
    }

    private void send(String name, ServerRequest request, ServerResponse response) {
        Asset asset = Objects.requireNonNull(files.get(name), name);
        response.header(NO_SNIFF, "nosniff");
        response.header(REFERRER, "same-origin");
        response.header(RESOURCES, "same-origin");
        response.header(HeaderNames.ETAG, asset.tag());
        response.header(HeaderNames.VARY, "Accept-Encoding");
        boolean named = name.startsWith(ASSETS);
        response.header(HeaderNames.CACHE_CONTROL, named ? "public, max-age=31536000, immutable" : "no-cache");
        if (name.equals(INDEX)) {
            response.header(POLICY, OURS_ONLY);
            response.header(OPENER, "same-origin");
        }
        if (asset.tag()
                .equals(request.headers().first(HeaderNames.IF_NONE_MATCH).orElse(""))) {
            response.status(304).send();
            return;
        }
        response.header(HeaderNames.CONTENT_TYPE, asset.type());
        byte[] bytes = asset.bytes();
        byte[] gzip = asset.gzip();
        if (gzip != null
                && request.headers()
                        .first(HeaderNames.ACCEPT_ENCODING)
                        .orElse("")
                        .contains("gzip")) {
            response.header(HeaderNames.CONTENT_ENCODING, "gzip");
            bytes = gzip;
        }
        if (request.prologue().method().equals(Method.HEAD)) {
            response.header(HeaderNames.CONTENT_LENGTH, Integer.toString(bytes.length));
            response.send();
        } else {
            response.send(bytes);
        }
    }

    private static byte @Nullable [] read(String name) {
        try (InputStream in = PortalFiles.class.getResourceAsStream(ROOT + name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("the portal's file " + name + " cannot be read out of its jar", e);
        }
    }

    private static String tag(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return '"' + HexFormat.of().formatHex(digest, 0, 12) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
