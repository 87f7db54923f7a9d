package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import io.helidon.http.Method;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.registry.Certificates;
import tributary.registry.Certificates.Mark;

/// The authorities that a tenant brings for the certificates of its devices, and what of them is revoked.
final class AuthorityRoutes {
    private static final String TAG = "certificates";
    private static final int PEM_CHARS_MAX = 32 * 1024;
    private static final int LIST_CHARS_MAX = 8 * 1024 * 1024;

    private static final Schema.Obj AUTHORITY = new Schema.Obj(
            "Authority",
            "An authority whose certificates are devices of this tenant.",
            List.of(
                    must("id", Schema.text("for removing and revoking", 200)),
                    must("title", Schema.text("what people call it", 200)),
                    must("subject", Schema.text("its name in certificates", 4096)),
                    must("fingerprint", Schema.text("SHA-256 of its certificate, hex", 64)),
                    must("notAfter", new Schema.Moment("when it ends")),
                    must("createdAt", new Schema.Moment("when it was added")),
                    must("revoked", new Schema.Whole("how many of its certificates are revoked", 0, Long.MAX_VALUE))));

    private static final Schema.Obj AUTHORITIES = new Schema.Obj(
            "AuthorityList",
            "The authorities of the tenant.",
            List.of(must("authorities", new Schema.ListOf("oldest first", AUTHORITY, Integer.MAX_VALUE))));

    private static final Schema.Obj NEW_AUTHORITY = new Schema.Obj(
            "NewAuthority",
            "An authority to add.",
            List.of(
                    may("title", Schema.text("what people call it", 200)),
                    must("certificate", Schema.name("PEM", PEM_CHARS_MAX)),
                    may(
                            "proof",
                            Schema.name(
                                    "PEM of a certificate that it signed with the subject 'CN=tributary tenant <tenant>';"
                                            + " needed where there are several tenants",
                                    PEM_CHARS_MAX))));

    private static final Schema.Obj REVOCATION = new Schema.Obj(
            "CertificateRevocation",
            "A certificate that is worth nothing any more.",
            List.of(
                    must("certificate", Schema.text("serial: or sha256: and hex", 300)),
                    must("listed", new Schema.Flag("whether the authority's own list says so")),
                    must("revokedAt", new Schema.Moment("since when"))));

    private static final Schema.Obj REVOCATIONS = new Schema.Obj(
            "CertificateRevocationList",
            "What of an authority is revoked.",
            List.of(must("revocations", new Schema.ListOf("newest first", REVOCATION, Integer.MAX_VALUE))));

    private static final Schema.Obj NEW_REVOCATION = new Schema.Obj(
            "NewCertificateRevocation",
            "Which certificate to revoke: one of the two.",
            List.of(
                    may("serial", Schema.shaped("its serial number, hex", 52, "[0-9a-fA-F]{1,50}")),
                    may("fingerprint", Schema.shaped("SHA-256 of the certificate, hex", 64, "[0-9a-fA-F]{64}"))));

    private static final Schema.Obj NEW_LIST = new Schema.Obj(
            "NewRevocationList",
            "The authority's own list.",
            List.of(may("list", Schema.name("a CRL, PEM", LIST_CHARS_MAX))));

    private final Certificates certificates;

    AuthorityRoutes(Certificates certificates) {
        this.certificates = certificates;
    }

    List<Route> routes() {
        String all = "/api/v1/authorities";
        String one = all + "/{authority}";
        return List.of(
                new Route(
                        Method.GET,
                        all,
                        Access.OPERATOR,
                        new Doc(TAG, "listAuthorities", "List the authorities of devices' certificates", ""),
                        new Shape(List.of(), null, Success.json(200, AUTHORITIES)),
                        this::list),
                new Route(
                        Method.POST,
                        all,
                        Access.OWNER,
                        new Doc(
                                TAG,
                                "addAuthority",
                                "Add an authority",
                                "Certificates that it signs sign in as the device that they name: by the URI"
                                        + " urn:tributary:device:<id>, by their common name, or by a DNS name."),
                        new Shape(List.of(), NEW_AUTHORITY, Success.json(201, AUTHORITY)),
                        this::add),
                new Route(
                        Method.DELETE,
                        one,
                        Access.OWNER,
                        new Doc(
                                TAG,
                                "removeAuthority",
                                "Remove an authority; its certificates mean nothing any more",
                                ""),
                        new Shape(List.of(), null, Success.none(204, "Connections with its certificates are closed.")),
                        call -> certificates.remove(call.tenant(), call.place("authority"))
                                ? Answer.done()
                                : Answer.notFound()),
                new Route(
                        Method.GET,
                        one + "/revocations",
                        Access.OPERATOR,
                        new Doc(TAG, "listRevocations", "List revoked certificates of an authority", ""),
                        new Shape(List.of(), null, Success.json(200, REVOCATIONS)),
                        call -> ofKnown(call, () -> revocations(call))),
                new Route(
                        Method.POST,
                        one + "/revocations",
                        Access.OWNER,
                        new Doc(
                                TAG,
                                "revokeCertificate",
                                "Revoke a certificate by serial number or fingerprint",
                                "It need not have been seen before. Connections with it are closed."),
                        new Shape(List.of(), NEW_REVOCATION, Success.none(204, "It is worthless from now on.")),
                        call -> ofKnown(call, () -> revoke(call))),
                new Route(
                        Method.PUT,
                        one + "/revocation-list",
                        Access.OWNER,
                        new Doc(
                                TAG,
                                "putRevocationList",
                                "Take the authority's revocation list (CRL) in place of the one before",
                                "Larger ones than api.body-bytes-max need that raised."),
                        new Shape(List.of(), NEW_LIST, Success.none(204, "What it lists is worthless from now on.")),
                        call -> ofKnown(call, () -> takeList(call))));
    }

    /// An unknown authority is answered before its body is looked at, as everything of other tenants is.
    private Answer ofKnown(Call call, Supplier<Answer> answer) {
        boolean known = certificates.authorities(call.tenant()).stream()
                .anyMatch(authority -> authority.id().equals(call.place("authority")));
        return known ? answer.get() : Answer.notFound();
    }

    private Answer list(Call call) {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("authorities");
        certificates.authorities(call.tenant()).forEach(authority -> items.add(json(authority)));
        return Answer.ok(node);
    }

    private Answer add(Call call) {
        String proof = call.text("proof", "");
        return Answer.created(json(Flaws.kept(() -> certificates.add(
                call.tenant(), call.text("title", ""), call.text("certificate", ""), proof.isEmpty() ? null : proof))));
    }

    private Answer revocations(Call call) {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("revocations");
        for (Certificates.Revoked revoked : certificates.revoked(call.tenant(), call.place("authority"))) {
            ObjectNode item = items.addObject();
            item.put("certificate", revoked.certificate());
            item.put("listed", revoked.listed());
            item.put("revokedAt", Json.time(revoked.at()));
        }
        return Answer.ok(node);
    }

    private Answer revoke(Call call) {
        String serial = call.text("serial", "");
        String fingerprint = call.text("fingerprint", "");
        if (serial.isEmpty() == fingerprint.isEmpty()) {
            throw Flaws.field("serial", "or fingerprint must say which certificate, and not both");
        }
        Mark mark = serial.isEmpty()
                ? new Mark.Fingerprint(fingerprint.toLowerCase(Locale.ROOT))
                : new Mark.Serial(new BigInteger(serial, 16));
        boolean done = Flaws.kept(() -> certificates.revoke(call.tenant(), call.place("authority"), mark));
        return done ? Answer.done() : Answer.notFound();
    }

    private Answer takeList(Call call) {
        String list = call.text("list", "");
        if (list.isEmpty()) {
            throw Flaws.field("list", "is missing; it is the CRL in PEM");
        }
        Optional<Integer> taken = Flaws.kept(() -> certificates.takeList(call.tenant(), call.place("authority"), list));
        return taken.isPresent() ? Answer.done() : Answer.notFound();
    }

    private static ObjectNode json(Certificates.Authority authority) {
        ObjectNode node = Json.object();
        node.put("id", authority.id());
        node.put("title", authority.title());
        node.put("subject", authority.subject());
        node.put("fingerprint", authority.fingerprint());
        node.put("notAfter", Json.time(authority.notAfter()));
        node.put("createdAt", Json.time(authority.createdAt()));
        node.put("revoked", authority.revoked());
        return node;
    }
}
