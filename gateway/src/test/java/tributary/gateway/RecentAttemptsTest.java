package tributary.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

class RecentAttemptsTest {
    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId OTHER = new TenantId("other");

    private final DeviceTree devices = new DeviceTree().with("main", "pump1");
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final RecentAttempts attempts = new RecentAttempts(new AttemptSettings(200, 300), devices, () -> now);

    @Test
    void equalRefusalsOfOneSourceAreOneLineWithACount() {
        for (int i = 0; i < 100_000; i++) {
            note("10.0.0.1", "pump", refused(ACME, "pump", "topic " + i));
            now = now.plusMillis(1);
        }

        List<Attempt> lines = all(ACME);
        assertThat(lines).hasSize(1);
        Attempt line = lines.getFirst();
        assertThat(line.count()).isEqualTo(100_000);
        assertThat(line.sentence()).isEqualTo("topic 99999");
        assertThat(line.firstMicros()).isEqualTo(1_767_225_600_000_000L);
        assertThat(line.lastMicros()).isEqualTo(line.firstMicros() + 99_999_000);
        assertThat(attempts.counts()).containsEntry(Cause.PUBLISH_NOT_ALLOWED, 100_000L);
    }

    @Test
    void aStormIsShownAgainOnlyNowAndThen() {
        long shown = 0;
        long after = 0;
        for (int i = 0; i < 10_000; i++) {
            note("10.0.0.1", "pump", refused(ACME, "pump", "no"));
            for (Attempt line : attempts.after(wanted(ACME), after, 10)) {
                after = line.sequence();
                shown++;
            }
            now = now.plusMillis(1);
        }
        assertThat(shown).isBetween(5L, 25L);
    }

    @Test
    void aRepetitionAfterAWhileIsShownAtOnce() {
        for (int i = 0; i < 7; i++) {
            long before = attempts.newest();
            note("10.0.0.1", "pump", refused(ACME, "pump", "no"));
            assertThat(attempts.after(wanted(ACME), before, 10))
                    .singleElement()
                    .extracting(Attempt::count)
                    .isEqualTo(i + 1L);
            now = now.plusSeconds(2);
        }
    }

    @Test
    void newestComeFirstAndPagesDoNotOverlap() {
        for (int i = 0; i < 10; i++) {
            note("10.0.0." + i, "pump", refused(ACME, "pump", "no " + i));
        }
        List<Attempt> first = attempts.before(wanted(ACME), Long.MAX_VALUE, 4);
        List<Attempt> second = attempts.before(wanted(ACME), first.getLast().sequence(), 4);

        assertThat(first).extracting(Attempt::sentence).containsExactly("no 9", "no 8", "no 7", "no 6");
        assertThat(second).extracting(Attempt::sentence).containsExactly("no 5", "no 4", "no 3", "no 2");
    }

    @Test
    void linesAreWantedByDeviceDoorAndTime() {
        note("10.0.0.1", "", refused(ACME, "pump", "pump"));
        now = now.plusSeconds(60);
        note("10.0.0.1", "", refused(ACME, "boiler", "boiler"));
        long micros = now.toEpochMilli() * 1_000;

        assertThat(attempts.before(
                        new Attempts.Wanted(ACME, false, new DeviceId("pump"), Set.of(), 0), Long.MAX_VALUE, 9))
                .extracting(Attempt::sentence)
                .containsExactly("pump");
        assertThat(attempts.before(new Attempts.Wanted(ACME, false, null, Set.of(), micros), Long.MAX_VALUE, 9))
                .extracting(Attempt::sentence)
                .containsExactly("boiler");
        assertThat(attempts.before(
                        new Attempts.Wanted(ACME, false, null, Set.of(Message.Origin.HTTP), 0), Long.MAX_VALUE, 9))
                .isEmpty();
    }

    @Test
    void noTenantSeesAnothersAndOnlyOperatorsSeeNobodys() {
        note("10.0.0.1", "", refused(ACME, "pump", "of acme"));
        note("10.0.0.1", "", Grounds.unproven(Cause.NO_CONNECT, "of nobody"));

        assertThat(all(OTHER)).isEmpty();
        assertThat(all(ACME)).extracting(Attempt::sentence).containsExactly("of acme");
        assertThat(attempts.before(new Attempts.Wanted(OTHER, true, null, Set.of(), 0), Long.MAX_VALUE, 9))
                .extracting(Attempt::sentence)
                .containsExactly("of nobody");
    }

    @Test
    void oneAddressCannotPushOutTheOthersLines() {
        note("192.168.1.40", "pump", refused(ACME, "pump", "the one that matters"));
        for (int i = 0; i < 100_000; i++) {
            note("10.6.6.6", "guess " + i, refused(ACME, null, "no"));
            now = now.plus(Duration.ofNanos(100_000));
        }

        List<Attempt> lines = all(ACME);
        assertThat(lines).hasSizeLessThanOrEqualTo(RecentLines.OF_HOLDER_MAX + 2);
        assertThat(lines).extracting(Attempt::sentence).contains("the one that matters");
        assertThat(lines.getFirst())
                .extracting(Attempt::address, Attempt::clientId, Attempt::count)
                .containsExactly("10.6.6.6", "", 100_000L - RecentLines.OF_HOLDER_MAX);
    }

    @Test
    void manyAddressesShareALineBeyondSoManyASecond() {
        for (int i = 0; i < 5_000; i++) {
            note("10.1." + i / 250 + "." + i % 250, "", refused(ACME, null, "no"));
        }
        List<Attempt> lines = all(ACME);
        assertThat(lines).hasSize(RecentLines.NEW_A_SECOND + 1);
        assertThat(lines.getFirst().address()).isEmpty();
        assertThat(lines.stream().mapToLong(Attempt::count).sum()).isEqualTo(5_000);
    }

    @Test
    void linesAreBoundedForATenantAndForAllTogether() {
        for (int tenant = 0; tenant < 10; tenant++) {
            for (int i = 0; i < 400; i++) {
                note("10.0." + i / 40 + "." + i, "", refused(new TenantId("t" + tenant), null, "no"));
                now = now.plusMillis(20);
            }
        }
        long total = 0;
        for (int tenant = 0; tenant < 10; tenant++) {
            int lines = all(new TenantId("t" + tenant)).size();
            assertThat(lines).isEqualTo(30);
            total += lines;
        }
        assertThat(total).isEqualTo(300);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "trd_0123456789abcdefghjkmnpqrstvwxyzabcd",
                "Bearer trk_0123456789abcdef",
                "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJwdW1wIn0.c2lnbmF0dXJl",
                "eyJhbGciOiJSUzI1NiJ9"
            })
    void aTokenIsNeverShownWhereverItWasPasted(String token) {
        Grounds grounds = new Grounds(
                Cause.TOPIC_INVALID, "topic 'devices/" + token + "' is none", ACME, "device:" + token, null);
        attempts.note(Caller.of(Message.Origin.MQTT, "10.0.0.1", token, token), grounds);

        String shown = all(ACME).getFirst().toString();
        assertThat(shown).contains("(a token)").doesNotContain("0123456789").doesNotContain("hbGciOi");
        assertThat(Grounds.noCredential(token, "sign in").sentence()).contains("send the token as password");
    }

    @Test
    void theOperatorIsToldWhetherThereIsSuchADevice() {
        Grounds grounds = Grounds.unproven(Cause.BAD_CREDENTIAL, "the token is not known here");
        attempts.note(Caller.of(Message.Origin.MQTT, "10.0.0.1", "pump1", ""), grounds);
        attempts.note(Caller.of(Message.Origin.MQTT, "10.0.0.1", "pump2", ""), grounds);

        assertThat(attempts.before(new Attempts.Wanted(TenantId.MAIN, true, null, Set.of(), 0), Long.MAX_VALUE, 9))
                .extracting(Attempt::sentence)
                .containsExactly(
                        "the token is not known here; there is no device 'pump2' in the tenant main either",
                        "device 'pump1' exists and the password is not its token: make a new one, tributary device"
                                + " token pump1");
    }

    @Test
    void aControlCharacterInANameIsShownEscaped() {
        attempts.note(Caller.of(Message.Origin.MQTT, "10.0.0.1", "a\nb", "\u001b[2J"), refused(ACME, null, "no"));
        assertThat(all(ACME).getFirst().userName()).isEqualTo("a\\u000ab");
        assertThat(all(ACME).getFirst().clientId()).isEqualTo("\\u001b[2J");
    }

    private void note(String address, String clientId, Grounds grounds) {
        attempts.note(Caller.of(Message.Origin.MQTT, address, null, clientId), grounds);
    }

    private static Grounds refused(TenantId tenant, String device, String sentence) {
        return new Grounds(
                Cause.PUBLISH_NOT_ALLOWED, sentence, tenant, "key:7", device == null ? null : new DeviceId(device));
    }

    private List<Attempt> all(TenantId tenant) {
        return attempts.before(wanted(tenant), Long.MAX_VALUE, Integer.MAX_VALUE);
    }

    private static Attempts.Wanted wanted(TenantId tenant) {
        return new Attempts.Wanted(tenant, false, null, Set.of(), 0);
    }
}
