package tributary.sinks.http;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkTls;

/// What all sinks over HTTP read alike.
final class HttpFields {
    private static final String FILLED = "x";

    private HttpFields() {}

    static Duration timeout(SinkFields fields) {
        return fields.duration("timeout", Duration.ofSeconds(10), Duration.ofMillis(100), Duration.ofMinutes(1));
    }

    /// @param url as it is written
    static SinkTls tls(SinkFields fields, String url) {
        return SinkTls.read(fields, url.startsWith("http:") ? "the address begins with http:" : "");
    }

    /// @param url with `x` where places are
    /// @return what is wrong with it, or ""
    static String flaw(String url) {
        try {
            URI uri = new URI(url);
            boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (!http) {
                return "must begin with https:// or http://";
            }
            if (uri.getHost() == null) {
                return "has no host that can be read";
            }
            if (uri.getRawUserInfo() != null) {
                return "must not hold a user or password; give the secret token, or user and the secret password";
            }
            return uri.getRawFragment() == null ? "" : "must not have a #";
        } catch (URISyntaxException e) {
            return "is no address: " + e.getReason();
        }
    }

    /// @return the template's text with its places filled, to be checked
    static String filled(String template) {
        return template.replaceAll("\\$\\{[^}]*}", FILLED);
    }

    /// @return whether a place stands before the path, so that a payload could choose the host
    static boolean hostIsOpen(String template) {
        int place = template.indexOf("${");
        int slash = template.indexOf('/', Math.max(0, template.indexOf("://") + 3));
        return place >= 0 && (slash < 0 || place < slash);
    }

    /// Makes a value one piece of a path or query: it cannot add a `/`, `?` or `&`, nor go up by `..`.
    static String encode(String value) {
        String encoded = URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
        return encoded.equals(".") || encoded.equals("..") ? encoded.replace(".", "%2E") : encoded;
    }
}
