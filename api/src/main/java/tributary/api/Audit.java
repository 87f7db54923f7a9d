package tributary.api;

import io.helidon.webserver.http.ServerRequest;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.Quote;

/// One structured line for every change and every refusal, without secrets: bodies, headers and parameters stay out.
final class Audit {
    private static final Logger LOG = LoggerFactory.getLogger("tributary.audit");

    private Audit() {}

    static void write(Route route, @Nullable Identity identity, ServerRequest request, int status) {
        boolean refused = status == 401 || status == 403 || status == 429;
        if (!route.changes() && !refused && route.access() != Access.ANYONE) {
            return;
        }
        if (route.access() == Access.ANYONE && route.doc().tag().equals("health")) {
            return;
        }
        LOG.info(
                "action={} status={} tenant={} subject={} target={} peer={}",
                route.doc().id(),
                status,
                identity == null ? "-" : identity.principal().tenant(),
                identity == null ? "-" : Quote.shorten(identity.principal().subject()),
                target(route, request),
                peer(request));
    }

    private static String target(Route route, ServerRequest request) {
        Map<String, String> places = new TreeMap<>();
        for (String place : route.places()) {
            String value = request.path().pathParameters().first(place).orElse("");
            places.put(place, Quote.shorten(value).replaceAll("[\\s=\"]", "_"));
        }
        return places.isEmpty() ? "-" : places.toString().replace(" ", "");
    }

    private static String peer(ServerRequest request) {
        return request.remotePeer().address() instanceof InetSocketAddress peer && peer.getAddress() != null
                ? peer.getAddress().getHostAddress()
                : "-";
    }
}
