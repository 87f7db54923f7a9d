package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.testkit.TestAuthority;

/// What every registry promises about tenants, and above all of one that is removed: nothing of it is left.
abstract class TenantsContract extends RegistryContract {
    private static final String PASSWORD = "correct horse battery";
    private static final String CANARY = "canary";

    /// Tables of the installation: nothing in them is a tenant's, but for its name and the ids of its signed tokens.
    private static final Set<String> SHARED = Set.of(
            "flyway_schema_history", "signing_key", "counter", "alert_position", "removed_tenant", "removed_token");

    private final TestAuthority authority = TestAuthority.root("canary authority", clock.instant());

    /// @return a connection of the test's own to the database that is open
    abstract Connection connect() throws SQLException;

    private Tenants tenants() {
        return registry().tenants();
    }

    /// What somebody who was in the tenant could try again with.
    private record Keys(String token, String jwt, String key, String session, String link, X509Certificate device) {
        List<String> secrets() {
            return List.of(token, jwt, key);
        }
    }

    /// A tenant that has something of everything.
    private Keys furnish(TenantId tenant) {
        tenants().add(tenant, "canary title");
        String of = tenant.value();
        devices()
                .add(new Device(
                        tenant,
                        new DeviceId("canary-hub"),
                        null,
                        "canary-type",
                        Map.of("canary-label", "canary-value"),
                        "{\"canary\":1}",
                        clock.instant()));
        add(tenant, "canary-pump", "canary-hub");
        registry().sightings().note(tenant, Map.of(new DeviceId("canary-pump"), clock.instant()));
        registry()
                .sensors()
                .discovered(List.of(new Sensors.Seen(
                        tenant, new DeviceId("canary-pump"), "canary.temp", Sensors.Kind.NUMBER, clock.instant())));
        DeviceId pump = new DeviceId("canary-pump");
        String token = credentials().issueToken(tenant, pump, null).secret();
        String jwt = credentials()
                .issueJwt(tenant, pump, HOUR, Credentials.Algorithm.EDDSA, Set.of(), Set.of())
                .secret();
        String key = credentials()
                .issueKey(tenant, "canary key", Principal.Role.OWNER, Set.of(), Set.of(), null)
                .secret();
        registry().users().add(tenant, "canary-" + of, PASSWORD, Principal.Role.OWNER);
        Users.SignIn answer = registry().users().signIn("canary-" + of, PASSWORD);
        String session = ((Users.SignIn.Welcome) answer).session().secret();
        String link = registry().users().oneTimeLink(tenant, HOUR);
        TestAuthority.Issued proof = authority.issue(Certificates.proofName(tenant));
        Certificates.Authority added =
                registry().certificates().add(tenant, "canary authority", authority.pem(), proof.pem());
        registry().certificates().revoke(tenant, added.id(), new Certificates.Mark.Serial(BigInteger.valueOf(4711)));
        TestAuthority.Issued device = authority.issue("canary-pump");
        keep(tenant);
        return new Keys(token, jwt, key, session, link, device.certificate());
    }

    /// What people keep.
    private void keep(TenantId tenant) {
        String of = tenant.value();
        registry().limits().set(tenant, Map.of(TenantLimits.Limit.DEVICES, 4711L));
        registry()
                .tables()
                .save(
                        new LookupTables.TableName(tenant, "canary"),
                        "[{\"a\":\"" + CANARY + "\"}]",
                        "canary",
                        clock.instant());
        registry().queries().save(new SavedQueries.SavedQuery(tenant, "canary", "SELECT 1", "", "{}", clock.instant()));
        registry()
                .dashboards()
                .save(
                        new Dashboards.DashboardName(tenant, "canary"),
                        new Dashboards.Text("canary", "canary: 1"),
                        OptionalInt.empty(),
                        "canary",
                        clock.instant());
        registry().shares().make(new Dashboards.DashboardName(tenant, "canary"), CANARY, HOUR, "canary");
        registry()
                .rules()
                .save(
                        new RuleStore.RuleName(tenant, "canary"),
                        new RuleStore.Text("SELECT a FROM 't'", "tributary", "UTC", "", List.of()),
                        OptionalInt.empty(),
                        Optional.of(RuleStore.State.ON),
                        new RuleStore.Change("canary", clock.instant()));
        registry()
                .functions()
                .save(
                        new Functions.FunctionName(tenant, "canary"),
                        "function canary() { return 1; }",
                        "canary",
                        clock.instant());
        long after = registry().alerts().position().orElse(0L);
        registry()
                .alerts()
                .apply(
                        List.of(new Alerts.Change(
                                after,
                                new Alerts.Key(tenant, "canary", "canary", "canary"),
                                1,
                                "raised",
                                "major",
                                "canary-pump",
                                "{}",
                                clock.instant(),
                                false)),
                        after + 1);
        registry()
                .silences()
                .add(new Silences.Silence(
                        "canary-silence-" + of,
                        tenant,
                        Silences.Kind.DEVICE,
                        "canary-pump",
                        clock.instant(),
                        clock.instant().plusSeconds(60),
                        CANARY,
                        clock.instant(),
                        "canary"));
        registry()
                .sinks()
                .save(
                        new SinkDefinitions.SinkDefinition(
                                tenant, "canary", "canary-sink-" + of, "webhook", "{}", clock.instant()),
                        Map.of("token", CANARY));
        registry().alertRoute().set(tenant, List.of("canary"));
        registry()
                .deadLetters()
                .add(new DeadLetters.DeadLetter("canary-sink-" + of, 1, CANARY, "400", 1, clock.instant()));
    }

    /// @return by table its rows as text
    private Map<String, String> dump() throws SQLException {
        Map<String, String> all = new TreeMap<>();
        try (Connection connection = connect();
                ResultSet tables = connection.getMetaData().getTables(null, null, "%", new String[] {"TABLE"})) {
            List<String> names = new ArrayList<>();
            while (tables.next()) {
                String schema = tables.getString("TABLE_SCHEM");
                if (schema == null || schema.equals("public")) {
                    names.add(tables.getString("TABLE_NAME"));
                }
            }
            for (String name : names) {
                all.put(name, rows(connection, name));
            }
        }
        return all;
    }

    private static String rows(Connection connection, String table) throws SQLException {
        StringBuilder text = new StringBuilder();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT * FROM " + table)) {
            while (rows.next()) {
                for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
                    text.append(rows.getString(column)).append('|');
                }
                text.append('\n');
            }
        }
        return text.toString();
    }

    @Test
    void removedTenantLeavesNoRowInAnyTable() throws Exception {
        Map<String, String> before = dump();
        Set<String> own = new HashSet<>(before.keySet());
        own.removeAll(SHARED);
        Keys keys = furnish(OTHER);
        Map<String, String> furnished = dump();
        for (String table : own) {
            assertThat(furnished.get(table))
                    .as("something of the tenant is in " + table + ", or it belongs to SHARED")
                    .isNotEqualTo(before.get(table));
        }

        assertThat(tenants().remove(OTHER)).isTrue();

        Map<String, String> after = dump();
        for (String table : own) {
            assertThat(after.get(table)).as(table).isEqualTo(before.get(table));
        }
        assertThat(after.toString()).doesNotContain(CANARY);
        assertThat(tenants().all()).extracting(Tenants.Tenant::id).containsExactly(MAIN);
        assertThat(tenants().find(OTHER)).isEmpty();
        assertThat(tenants().remove(OTHER)).isFalse();
        assertThat(devices().count(OTHER)).isZero();
        assertThat(keys.secrets()).doesNotContain("");
    }

    @Test
    void whatProvedSomebodyOfARemovedTenantIsWorthNothingAndItsConnectionsHearIt() {
        Keys keys = furnish(OTHER);
        Set<String> heard = new HashSet<>();
        Set<String> expected = new HashSet<>();
        keys.secrets().forEach(secret -> expected.add(accepted(secret).credential()));
        expected.add(registry().users().session(keys.session()).orElseThrow().credential());
        credentials().onRevoked(heard::add);
        List<String> certificates = new ArrayList<>();
        registry().certificates().onChange(() -> certificates.add("changed"));
        long rules = registry().rules().changes();

        Shares.Made share = registry()
                .shares()
                .make(new Dashboards.DashboardName(OTHER, "canary"), "{}", HOUR, "canary")
                .orElseThrow();
        tenants().remove(OTHER);

        assertThat(registry().shares().open(share.secret())).isEmpty();
        assertThat(heard).isEqualTo(expected);
        assertThat(certificates).isNotEmpty();
        assertThat(registry().rules().changes()).isGreaterThan(rules);
        assertThat(registry().rules().working()).isEmpty();
        assertThat(registry().users().redeem(keys.link())).isEmpty();
        assertWorthless(keys);
        reopen();
        assertWorthless(keys);
    }

    private void assertWorthless(Keys keys) {
        for (String secret : keys.secrets()) {
            Credentials.Verdict verdict = credentials().verify(secret);
            assertThat(verdict).isInstanceOf(Credentials.Verdict.Refused.class);
            // nobody's any more: its refusals are for the operator
            assertThat(((Credentials.Verdict.Refused) verdict).tenant()).isNull();
        }
        assertThat(registry().users().session(keys.session())).isEmpty();
        assertThat(registry().users().signIn("canary-other", PASSWORD)).isEqualTo(new Users.SignIn.Refused());
        assertThat(registry().certificates().verify(List.of(keys.device())))
                .isInstanceOf(Credentials.Verdict.Refused.class);
    }

    @Test
    void othersKeepEverything() throws Exception {
        TenantId neighbour = new TenantId("other2");
        Keys keys = furnish(OTHER);
        tenants().add(neighbour, "Neighbour");
        add(neighbour, "canary-pump", null);
        String token = credentials()
                .issueToken(neighbour, new DeviceId("canary-pump"), null)
                .secret();

        tenants().remove(OTHER);

        assertThat(accepted(token).tenant()).isEqualTo(neighbour);
        assertThat(devices().exists(neighbour, new DeviceId("canary-pump"))).isTrue();
        assertThat(devices().exists(OTHER, new DeviceId("canary-pump"))).isFalse();
        assertThat(devices().version(OTHER)).isZero();
        assertThat(keys.secrets()).doesNotContain(token);
    }

    @Test
    void nameIsFreeAgainWhenTheDataIsErasedAndOldTokensOfItStayWorthless() {
        Keys keys = furnish(OTHER);
        tenants().remove(OTHER);
        reopen();
        assertThat(tenants().removed()).singleElement().satisfies(removed -> {
            assertThat(removed.id()).isEqualTo(OTHER);
            assertThat(removed.removedAt()).isEqualTo(clock.instant());
            assertThat(removed.erasedAt()).isNull();
        });
        assertThatThrownBy(() -> tenants().add(OTHER, "Other"))
                .isInstanceOf(AlreadyExistsException.class)
                .hasMessageContaining("still being erased");

        tenants().erased(OTHER);

        assertThat(tenants().removed())
                .singleElement()
                .satisfies(removed -> assertThat(removed.erasedAt()).isEqualTo(clock.instant()));
        tenants().add(OTHER, "Other again");
        add(OTHER, "canary-pump", null);
        assertThat(tenants().removed()).isEmpty();
        assertThat(refused(keys.jwt())).isEqualTo(Credentials.Reason.REVOKED);
        assertThat(refused(keys.token())).isEqualTo(Credentials.Reason.UNKNOWN);
        reopen();
        assertThat(refused(keys.jwt())).isEqualTo(Credentials.Reason.REVOKED);
        clock.advance(HOUR.plus(Duration.ofMinutes(1)));
        reopen(); // nobody has to remember it any longer
        assertThat(refused(keys.jwt())).isEqualTo(Credentials.Reason.EXPIRED);
    }

    @Test
    void sensorsThatWereDiscoveredMeanwhileAreNobodys() {
        furnish(OTHER);
        tenants().remove(OTHER);

        registry()
                .sensors()
                .discovered(List.of(new Sensors.Seen(
                        OTHER, new DeviceId("canary-pump"), "late", Sensors.Kind.NUMBER, clock.instant())));

        assertThat(registry().sightings().note(OTHER, Map.of(new DeviceId("canary-pump"), clock.instant())))
                .isEmpty();
    }

    @Test
    void whoeverGetsTheNameHasNoSilencesOfTheOldOne() {
        tenants().add(OTHER, "Other");
        registry()
                .silences()
                .add(new Silences.Silence(
                        "quiet",
                        OTHER,
                        Silences.Kind.DEVICE,
                        "pump",
                        clock.instant(),
                        clock.instant().plusSeconds(60),
                        "",
                        clock.instant(),
                        "somebody"));
        assertThat(registry().silences().covers(OTHER, "pump", clock.instant())).isTrue();
        long seen = registry().alerts().changes();

        tenants().remove(OTHER);
        tenants().erased(OTHER);
        tenants().add(OTHER, "Another");

        assertThat(registry().silences().covers(OTHER, "pump", clock.instant())).isFalse();
        assertThat(registry().alerts().changes()).as("queries read alerts anew").isGreaterThan(seen);
    }

    @Test
    void operatorsOwnTenantStays() {
        assertThatThrownBy(() -> tenants().remove(MAIN)).hasMessageContaining("'main' is the operator's own");
        assertThat(tenants().find(MAIN)).isPresent();
        assertThat(tenants().remove(new TenantId("never-was"))).isFalse();
        assertThat(tenants().removed()).isEmpty();
    }
}
