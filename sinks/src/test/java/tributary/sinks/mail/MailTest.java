package tributary.sinks.mail;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.TenantId;
import tributary.sinks.Harness;
import tributary.sinks.Parcel;
import tributary.sinks.Server;
import tributary.sinks.SinkStatus;
import tributary.testkit.TestAuthority;

/// Letters through a mail server that really speaks SMTP.
class MailTest {
    @TempDir
    Path folder;

    private int port;
    private GreenMail post;
    private Harness house;

    @BeforeEach
    void open() throws IOException {
        port = Server.freePort();
        start();
        house = new Harness(folder, "127.0.0.1", new MailType());
    }

    private void start() {
        ServerSetup smtp = new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
        smtp.setServerStartupTimeout(60_000);
        post = new GreenMail(smtp);
        post.setUser("ops@example.com", "robot", "canary-password");
        post.start();
    }

    @AfterEach
    void close() {
        house.close();
        post.stop();
    }

    private void sink(String more, Map<String, String> secrets) {
        house.good(
                "mail",
                "mail",
                "{\"host\":\"127.0.0.1\",\"port\":" + port
                        + ",\"security\":\"none\",\"from\":\"tributary@example.com\","
                        + "\"to\":\"ops@example.com\",\"retry-first\":\"50ms\",\"retry-most\":\"200ms\"" + more + "}",
                secrets);
    }

    private List<String> subjects() {
        List<String> subjects = new ArrayList<>();
        try {
            for (MimeMessage message : post.getReceivedMessages()) {
                subjects.add(message.getSubject());
            }
        } catch (MessagingException e) {
            throw new AssertionError(e);
        }
        return subjects;
    }

    @Test
    void letterHasItsSubjectTextAndANameThatTellsDuplicates() throws Exception {
        sink(
                ",\"user\":\"robot\",\"subject\":\"${door} wärm\",\"text\":\"${temp} C\\n${payload()}\"",
                Map.of("password", "canary-password"));
        house.say("mail", "d", "{\"door\":\"d1\\r\\nBcc: thief@example.com\",\"temp\":8.5}");
        Harness.until("arrived", () -> post.getReceivedMessages().length == 1);

        MimeMessage message = post.getReceivedMessages()[0];
        assertThat(message.getSubject()).isEqualTo("d1 Bcc: thief@example.com wärm");
        assertThat(message.getAllRecipients()).extracting(Object::toString).containsExactly("ops@example.com");
        assertThat(message.getHeader("Bcc")).isNull();
        assertThat(message.getContent().toString()).startsWith("8.5 C");
        assertThat(message.getMessageID()).startsWith("<main.mail.3.");
    }

    @Test
    void mailServerThatGoesAwayGetsEveryLetterInOrderAfterwards() {
        sink(",\"subject\":\"${n}\"", Map.of());
        IntStream.range(0, 10).forEach(n -> house.say("mail", "d", "{\"n\":" + n + "}"));
        Harness.until("they arrived", () -> post.getReceivedMessages().length == 10);
        // this server forgets its letters when it stops
        List<String> before = new ArrayList<>(subjects());
        post.stop();
        IntStream.range(10, 20).forEach(n -> house.say("mail", "d", "{\"n\":" + n + "}"));
        Harness.until("it is seen", () -> house.status("mail").state() == SinkStatus.State.RETRYING);
        start();
        Harness.until("all are delivered", () -> house.done("mail"));

        before.addAll(subjects());
        assertThat(List.copyOf(new LinkedHashSet<>(before)))
                .isEqualTo(IntStream.range(0, 20).mapToObj(Integer::toString).toList());
        assertThat(house.dead("mail")).isEmpty();
    }

    @Test
    void stormOfOneCauseIsAFewLettersThatNameAll() throws Exception {
        sink(",\"subject\":\"${n}\"", Map.of());
        post.stop();
        house.say("mail", "d", "{\"n\":\"plain\"}");
        for (int n = 0; n < 300; n++) {
            alert("raised", n);
        }
        alert("cleared", 300);
        alert("raised", 301);
        start();
        Harness.until("all are delivered", () -> house.done("mail"));

        List<String> letters = new ArrayList<>();
        for (MimeMessage letter : post.getReceivedMessages()) {
            letters.add(letter.getSubject() + "\n" + letter.getContent());
        }
        assertThat(letters).hasSizeLessThan(100);
        assertThat(letters.getFirst()).startsWith("plain\n");
        assertThat(letters).anyMatch(letter -> letter.contains(" more like it)"));
        String all = String.join("\n", letters);
        IntStream.range(0, 302)
                .forEach(n -> assertThat(all.split("\"n\":" + n + "}", -1)).hasSize(2));
        assertThat(letters.get(letters.size() - 2)).startsWith("300\n");
        assertThat(letters.getLast()).startsWith("301\n");
    }

    private void alert(String state, int n) {
        house.parcels.add(
                TenantId.MAIN,
                "mail",
                "d" + n,
                "{\"n\":" + n + "}",
                new Parcel.Alert("hot", "\"d" + n + "\"", state, "major", 1));
    }

    @Test
    void testSaysWhatIsWrongAndNoSecret() {
        sink(",\"user\":\"robot\"", Map.of("password", "canary-wrong"));
        assertThat(house.test("mail").what()).contains("does not let us in").doesNotContain("canary");
        house.good(
                "tls",
                "mail",
                "{\"host\":\"127.0.0.1\",\"port\":" + port + ",\"from\":\"a@example.com\",\"to\":\"ops@example.com\"}",
                Map.of());
        assertThat(house.test("tls").what()).as("nothing is sent in the clear").contains("STARTTLS");
        try (Harness strict = new Harness(folder.resolve("strict"), "", new MailType())) {
            strict.good(
                    "a",
                    "mail",
                    "{\"host\":\"localhost\",\"port\":" + port + ",\"security\":\"none\",\"from\":\"a@example.com\","
                            + "\"to\":\"ops@example.com\"}",
                    Map.of());
            assertThat(strict.test("a").what()).contains("sinks.private-addresses");
        }
        assertThat(post.getReceivedMessages()).isEmpty();
    }

    @Test
    void serverOfAnAuthorityOfOurOwnGetsTheLetterAndOneOfAnotherDoesNot() throws Exception {
        TestAuthority authority = TestAuthority.root("Site", Instant.now());
        Path keys = authority.server("localhost").store(folder.resolve("keys.p12"));
        System.setProperty("greenmail.tls.keystore.file", keys.toString());
        System.setProperty("greenmail.tls.keystore.password", TestAuthority.STORE_PASSWORD);
        System.setProperty("greenmail.tls.key.password", TestAuthority.STORE_PASSWORD);
        GreenMail encrypted =
                new GreenMail(new ServerSetup(Server.freePort(), "127.0.0.1", ServerSetup.PROTOCOL_SMTPS));
        encrypted.start();
        try (Harness inside = new Harness(folder.resolve("inside"), "127.0.0.1, ::1", new MailType())) {
            Map<String, Object> config = new HashMap<>(Map.of(
                    "host", "localhost",
                    "port", encrypted.getSmtps().getPort(),
                    "security", "tls",
                    "from", "a@example.com",
                    "to", "ops@example.com",
                    "retry-first", "50ms"));
            inside.good("tls", "mail", JsonMapper.shared().writeValueAsString(config), Map.of());
            assertThat(inside.test("tls").what()).contains("not of an authority that is trusted");
            config.put("ca", TestAuthority.root("Elsewhere", Instant.now()).pem());
            inside.good("tls", "mail", JsonMapper.shared().writeValueAsString(config), Map.of());
            assertThat(inside.test("tls").what()).contains("not of an authority that is trusted");
            assertThat(encrypted.getReceivedMessages()).isEmpty();

            config.put("ca", authority.pem());
            inside.good("tls", "mail", JsonMapper.shared().writeValueAsString(config), Map.of());
            inside.say("tls", "d", "21.5");
            Harness.until("arrived", () -> encrypted.getReceivedMessages().length == 1);

            config.put("host", "127.0.0.1");
            inside.good("tls", "mail", JsonMapper.shared().writeValueAsString(config), Map.of());
            assertThat(inside.test("tls").what()).as("the name is checked").contains("the mail server");
            assertThat(encrypted.getReceivedMessages()).hasSize(1);
        } finally {
            encrypted.stop();
            System.clearProperty("greenmail.tls.keystore.file");
            System.clearProperty("greenmail.tls.keystore.password");
            System.clearProperty("greenmail.tls.key.password");
        }
        assertThat(house.mistakes(
                        "mail",
                        JsonMapper.shared()
                                .writeValueAsString(Map.of(
                                        "host", "h",
                                        "security", "none",
                                        "from", "a@example.com",
                                        "to", "b@example.com",
                                        "ca", authority.pem())),
                        Map.of()))
                .anyMatch(flaw -> flaw.contains("security is none"));
    }

    @Test
    void serverOfAnAuthorityOfOurOwnIsSpokenToInTheClearOnlyUntilItEncrypts() throws Exception {
        TestAuthority authority = TestAuthority.root("Site", Instant.now());
        try (StartTlsFront front = new StartTlsFront(authority.server("localhost"), port);
                Harness inside = new Harness(folder.resolve("inside"), "127.0.0.1, ::1", new MailType())) {
            startTls(inside, front, "localhost", null);
            assertThat(inside.test("tls").what()).contains("not of an authority that is trusted");
            startTls(inside, front, "localhost", TestAuthority.root("Elsewhere", Instant.now()));
            assertThat(inside.test("tls").what()).contains("not of an authority that is trusted");
            startTls(inside, front, "127.0.0.1", authority);
            assertThat(inside.test("tls").what()).as("the name is checked").contains("the mail server");
            assertThat(post.getReceivedMessages()).isEmpty();

            startTls(inside, front, "localhost", authority);
            IntStream.range(0, 3).forEach(n -> inside.say("tls", "d", "{\"n\":" + n + "}"));
            Harness.until("arrived", () -> inside.done("tls"));

            assertThat(subjects()).containsExactly("0", "1", "2");
            assertThat(front.clear())
                    .as("neither password nor letter")
                    .isNotEmpty()
                    .allMatch(line -> line.startsWith("EHLO ") || line.equals("STARTTLS") || line.equals("QUIT"));
            assertThat(inside.dead("tls")).isEmpty();
        }
    }

    private static void startTls(Harness inside, StartTlsFront front, String host, @Nullable TestAuthority trusted) {
        Map<String, Object> config = new HashMap<>(Map.of(
                "host", host,
                "port", front.port(),
                "from", "a@example.com",
                "to", "ops@example.com",
                "user", "robot",
                "subject", "${n}",
                "retry-first", "50ms",
                "retry-most", "200ms"));
        if (trusted != null) {
            config.put("ca", trusted.pem());
        }
        inside.good(
                "tls", "mail", JsonMapper.shared().writeValueAsString(config), Map.of("password", "canary-password"));
    }

    @Test
    void everyMistakeIsReported() {
        assertThat(house.mistakes(
                        "mail",
                        "{\"hst\":\"x\",\"from\":\"me\",\"to\":\"a@b.c, nobody\",\"security\":\"ssl\",\"user\":\"u\"}",
                        Map.of()))
                .anyMatch(flaw -> flaw.contains("did you mean host?"))
                .anyMatch(flaw -> flaw.contains("'me' is no address"))
                .anyMatch(flaw -> flaw.contains("'nobody' is no address"))
                .anyMatch(flaw -> flaw.contains("security must be one of starttls, tls, none"))
                .anyMatch(flaw -> flaw.contains("belong together"));
    }
}
