package tributary.api;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tributary.model.TenantId;
import tributary.registry.Principal;

/// People sign in and out; credentials are made and made worthless.
class SignInTest {
    private static final String PASSWORD = "correct horse battery";

    @TempDir
    static Path data;

    private static World world;

    @BeforeAll
    static void start() {
        world = new World(data);
    }

    @AfterAll
    static void stop() {
        world.close();
    }

    @Test
    void aPersonSignsInChangesSomethingAndSignsOut() {
        world.registry.users().add(TenantId.MAIN, "ann", PASSWORD, Principal.Role.OWNER);
        World.Reply welcome = world.post("", "/api/v1/session", "{\"name\":\"Ann\",\"password\":\"" + PASSWORD + "\"}");
        assertThat(welcome.status()).isEqualTo(200);
        String cookie = cookie(welcome);
        String csrf = welcome.json().path("csrf").asString();
        assertThat(welcome.text()).doesNotContain(secret(cookie));

        World.Reply me = world.send("GET", "", "/api/v1/session", null, "Cookie", cookie);
        assertThat(me.json().path("kind").asString()).isEqualTo("person");
        assertThat(me.json().path("csrf").asString()).isEqualTo(csrf);

        World.Reply without = world.send("POST", "", "/api/v1/devices", "{\"id\":\"c1\"}", "Cookie", cookie);
        assertThat(without.status()).isEqualTo(403);
        assertThat(without.problem()).isEqualTo("/problems/csrf");
        World.Reply wrong = world.send(
                "POST", "", "/api/v1/devices", "{\"id\":\"c1\"}", "Cookie", cookie, "X-CSRF-Token", csrf + "x");
        assertThat(wrong.status()).isEqualTo(403);
        World.Reply foreign = world.send(
                "POST",
                "",
                "/api/v1/devices",
                "{\"id\":\"c1\"}",
                "Cookie",
                cookie,
                "X-CSRF-Token",
                csrf,
                "Sec-Fetch-Site",
                "cross-site");
        assertThat(foreign.status()).isEqualTo(403);
        World.Reply right =
                world.send("POST", "", "/api/v1/devices", "{\"id\":\"c1\"}", "Cookie", cookie, "X-CSRF-Token", csrf);
        assertThat(right.status()).isEqualTo(201);

        World.Reply out = world.send("DELETE", "", "/api/v1/session", null, "Cookie", cookie, "X-CSRF-Token", csrf);
        assertThat(out.status()).isEqualTo(204);
        assertThat(out.header("Set-Cookie")).contains("Max-Age=0");
        assertThat(world.send("GET", "", "/api/v1/session", null, "Cookie", cookie)
                        .status())
                .isEqualTo(401);
    }

    @Test
    void aWrongNameAndAWrongPasswordLookTheSame() {
        world.registry.users().add(TenantId.MAIN, "bob", PASSWORD, Principal.Role.VIEWER);
        World.Reply name =
                world.post("", "/api/v1/session", "{\"name\":\"nobody\",\"password\":\"wrong wrong wrong\"}");
        World.Reply word = world.post("", "/api/v1/session", "{\"name\":\"bob\",\"password\":\"wrong wrong wrong\"}");
        assertThat(name.status()).isEqualTo(401);
        assertThat(name.text()).isEqualTo(word.text());
        for (String common : List.of("admin", "public", "secret")) {
            World.Reply reply =
                    world.post("", "/api/v1/session", "{\"name\":\"admin\",\"password\":\"" + common + "\"}");
            assertThat(reply.status()).isIn(401, 429);
        }
    }

    @Test
    void manyWrongTriesHaveToWait() {
        world.registry.users().add(TenantId.MAIN, "eve", PASSWORD, Principal.Role.VIEWER);
        World.Reply reply = null;
        for (int i = 0; i < 7; i++) {
            reply = world.post("", "/api/v1/session", "{\"name\":\"eve\",\"password\":\"guess number " + i + "\"}");
        }
        assertThat(reply.status()).isEqualTo(429);
        assertThat(Integer.parseInt(reply.header("Retry-After"))).isPositive();
    }

    @Test
    void aOneTimeLinkSignsInOnceAndLeavesNoSecretInTheAddress() {
        String secret = world.registry.users().oneTimeLink(TenantId.MAIN, Duration.ofMinutes(15));
        World.Reply first = world.get("", "/api/v1/session/link?t=" + secret);
        assertThat(first.status()).isEqualTo(303);
        assertThat(first.header("Location")).isEqualTo("/");
        assertThat(first.header("Referrer-Policy")).isEqualTo("no-referrer");
        String cookie = cookie(first);
        assertThat(cookie).doesNotContain(secret);
        assertThat(world.send("GET", "", "/api/v1/session", null, "Cookie", cookie)
                        .json()
                        .path("role")
                        .asString())
                .isEqualTo("owner");

        World.Reply second = world.get("", "/api/v1/session/link?t=" + secret);
        assertThat(second.status()).isEqualTo(410);
        assertThat(second.detail()).contains("tributary link");
        assertThat(world.get("", "/api/v1/session/link?t=0000-0000").status()).isEqualTo(410);
        assertThat(world.get("", "/api/v1/session/link").status()).isEqualTo(400);
    }

    @Test
    void anOwnerMakesALinkWithoutAHostInIt() {
        World.Reply made =
                world.send("POST", world.owner, "/api/v1/session/link", null, "X-Forwarded-Host", "evil.example");
        assertThat(made.status()).isEqualTo(201);
        String link = made.json().path("link").asString();
        assertThat(link).startsWith("/api/v1/session/link?t=");
        assertThat(world.get("", link).status()).isEqualTo(303);
    }

    @Test
    void peopleAreAddedListedAndRemovedButNeverTheLastOwner() {
        String body = "{\"name\":\"%s\",\"password\":\"" + PASSWORD + "\",\"role\":\"owner\"}";
        World.Reply one = world.post(world.stranger, "/api/v1/users", body.formatted("carl"));
        assertThat(one.status()).as(one.text()).isEqualTo(201);
        assertThat(one.text()).doesNotContain(PASSWORD);
        String carl = "/api/v1/users/" + one.json().path("id").asString();
        World.Reply last = world.send("DELETE", world.stranger, carl, null);
        assertThat(last.status()).isEqualTo(409);
        assertThat(last.problem()).isEqualTo("/problems/last-owner");
        World.Reply two = world.post(world.stranger, "/api/v1/users", body.formatted("dora"));
        assertThat(world.send("DELETE", world.stranger, carl, null).status()).isEqualTo(204);
        JsonNode users = world.get(world.stranger, "/api/v1/users").json().path("users");
        assertThat(users.size()).isEqualTo(1);
        assertThat(users.path(0)).isEqualTo(two.json());
        assertThat(world.send(
                                "DELETE",
                                world.owner,
                                "/api/v1/users/" + two.json().path("id").asString(),
                                null)
                        .status())
                .isEqualTo(404);
        World.Reply weak = world.post(
                world.stranger, "/api/v1/users", "{\"name\":\"x\",\"password\":\"short\",\"role\":\"device\"}");
        assertThat(weak.text())
                .contains("12 to 1024")
                .contains("viewer, operator, owner")
                .doesNotContain("short\"");
    }

    @Test
    void aDeviceGetsTokensThatWorkUntilTheyAreRevoked() {
        world.device(TenantId.MAIN, "t1");
        String path = "/api/v1/devices/t1/credentials";
        for (String body : List.of(
                "{\"kind\":\"token\"}",
                "{\"kind\":\"token\",\"validFor\":\"1h\"}",
                "{\"kind\":\"jwt\"}",
                "{\"kind\":\"jwt\",\"validFor\":\"30d\",\"algorithm\":\"EdDSA\",\"publish\":[\"alerts/#\"],\"subscribe\":[\"+/x\"]}")) {
            World.Reply made = world.post(world.operator, path, body);
            assertThat(made.status()).as(body + made.text()).isEqualTo(201);
            String secret = made.json().path("secret").asString();
            assertThat(world.get(secret, "/api/v1/session")
                            .json()
                            .path("device")
                            .asString())
                    .isEqualTo("t1");
            assertThat(world.get(world.operator, path).text()).doesNotContain(secret);
            String id = made.json().path("id").asString();
            assertThat(world.send("DELETE", world.owner, "/api/v1/keys/" + id, null)
                            .status())
                    .isEqualTo(404);
            assertThat(world.send("DELETE", world.operator, path + "/" + id, null)
                            .status())
                    .isEqualTo(204);
            assertThat(world.get(secret, "/api/v1/session").status()).isEqualTo(401);
            assertThat(world.send("DELETE", world.operator, path + "/" + id, null)
                            .status())
                    .isEqualTo(404);
        }
        World.Reply wrong =
                world.post(world.operator, path, "{\"kind\":\"jwt\",\"publish\":[\"a/#/b\"],\"validFor\":\"1 year\"}");
        assertThat(wrong.status()).isEqualTo(400);
        World.Reply none = world.post(world.operator, path, "{\"kind\":\"jtw\",\"algorithm\":\"none\"}");
        assertThat(none.text()).contains("did you mean jwt?").contains("RS256, EdDSA");
    }

    @Test
    void keysAreMadeListedRevokedAndSigningKeysRotate() {
        World.Reply made = world.post(world.owner, "/api/v1/keys", "{\"title\":\"grafana\",\"role\":\"viewer\"}");
        assertThat(made.status()).isEqualTo(201);
        String key = made.json().path("secret").asString();
        assertThat(key).startsWith("trk_");
        assertThat(world.get(key, "/api/v1/devices").status()).isEqualTo(200);
        assertThat(world.post(key, "/api/v1/devices", "{\"id\":\"x\"}").detail())
                .contains("operator")
                .contains("viewer");
        assertThat(world.get(world.owner, "/api/v1/keys").text())
                .contains("grafana")
                .doesNotContain(key);
        assertThat(world.send(
                                "DELETE",
                                world.stranger,
                                "/api/v1/keys/" + made.json().path("id").asString(),
                                null)
                        .status())
                .isEqualTo(404);
        assertThat(world.send(
                                "DELETE",
                                world.owner,
                                "/api/v1/keys/" + made.json().path("id").asString(),
                                null)
                        .status())
                .isEqualTo(204);
        assertThat(world.get(key, "/api/v1/devices").status()).isEqualTo(401);

        String before = world.get("", "/.well-known/jwks.json").text();
        assertThat(before).contains("\"keys\"").doesNotContain("\"d\":");
        assertThat(world.post(world.owner, "/api/v1/keys/rotate", "{\"overlap\":\"1h\"}")
                        .status())
                .isEqualTo(204);
        assertThat(world.get("", "/.well-known/jwks.json").text()).isNotEqualTo(before);
    }

    @Test
    void tenantsAreTheInstallationsBusiness() {
        World.Reply made = world.post(world.owner, "/api/v1/tenants", "{\"id\":\"acme\",\"title\":\"Acme\"}");
        assertThat(made.status()).isEqualTo(201);
        World.Reply owner = world.get("", made.json().path("link").asString());
        World.Reply who = world.send("GET", "", "/api/v1/session", null, "Cookie", cookie(owner));
        assertThat(who.json().path("tenant").asString()).isEqualTo("acme");
        assertThat(world.get(world.owner, "/api/v1/tenants")
                        .json()
                        .path("tenants")
                        .size())
                .isGreaterThan(2);
        assertThat(world.get(world.stranger, "/api/v1/tenants").status()).isEqualTo(403);
        assertThat(world.get(world.stranger, "/api/v1/tenants/other").status()).isEqualTo(200);
        assertThat(world.get(world.stranger, "/api/v1/tenants/main").status()).isEqualTo(404);
        assertThat(world.post(world.owner, "/api/v1/tenants", "{\"id\":\"Ä..\"}")
                        .detail())
                .contains("a-z, 0-9");
    }

    @Test
    void changesAndRefusalsAreLoggedWithoutSecrets() {
        Logger audit = (Logger) LoggerFactory.getLogger("tributary.audit");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        audit.setLevel(Level.INFO);
        audit.setAdditive(false);
        audit.addAppender(lines);
        world.device(TenantId.MAIN, "aud");
        String secret = world.post(world.operator, "/api/v1/devices/aud/credentials", "{\"kind\":\"token\"}")
                .json()
                .path("secret")
                .asString();
        world.get(secret, "/api/v1/keys");
        world.get("trk_canary", "/api/v1/devices/x%0Aaction=forged");
        world.post("", "/api/v1/session", "{\"name\":\"canary\",\"password\":\"canary-password\"}");
        audit.detachAppender(lines);
        audit.setLevel(Level.WARN);
        String all = lines.list.stream().map(ILoggingEvent::getFormattedMessage).collect(Collectors.joining("\n"));
        assertThat(all)
                .contains("action=issueCredential status=201 tenant=main subject=key:")
                .contains("target={device=aud}")
                .contains("action=listKeys status=403 tenant=main")
                .contains("action=getDevice status=401")
                .contains("action=signIn status=401");
        assertThat(all.toLowerCase(Locale.ROOT))
                .doesNotContain("canary")
                .doesNotContain(secret)
                .doesNotContain(" action=forged");
        assertThat(all.lines().count()).isEqualTo(lines.list.size());
    }

    private static String cookie(World.Reply reply) {
        String header = reply.header("Set-Cookie");
        assertThat(header).contains("; HttpOnly").contains("; SameSite=Strict").contains("; Path=/");
        return header.split(";", 2)[0];
    }

    private static String secret(String cookie) {
        return cookie.substring(cookie.indexOf('=') + 1);
    }
}
