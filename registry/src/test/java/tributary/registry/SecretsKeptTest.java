package tributary.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import tributary.model.DeviceId;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// Where secrets must not be: other people's hands, the disk as they are, the log, an error.
final class SecretsKeptTest {
    private static final String PASSWORD = "canary-password-4711";
    private static final DeviceId PUMP = new DeviceId("pump-1");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private final World world = new World(clock, new SecureRandom(), new ReadyKeys());
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> logged = new ListAppender<>();
    private Level level;

    @BeforeEach
    void listenToEverything() {
        level = root.getLevel();
        root.setLevel(Level.ALL);
        logged.start();
        root.addAppender(logged);
        root.getAppender("out").stop();
    }

    @AfterEach
    void listenNoMore() {
        root.setLevel(level);
        root.detachAppender(logged);
        root.getAppender("out").start();
    }

    @Test
    void expectation47FilesAreTheOwnersOnly() throws IOException {
        Path data = folder.resolve("data");
        try (Registry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, world)) {
            registry.credentials().jwks();
            assertModes(data);
        }
        Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(data.resolve("registry.db"), PosixFilePermissions.fromString("rw-r--r--"));

        try (Registry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, data, world)) {
            registry.credentials().jwks();
            assertModes(data);
        }
    }

    private static void assertModes(Path data) throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            Map<String, String> modes =
                    all.collect(Collectors.toMap(path -> data.relativize(path).toString(), SecretsKeptTest::mode));
            assertThat(modes).containsKeys("", "keys", "registry.db", "registry.db-wal");
            assertThat(modes.keySet()).filteredOn(name -> name.endsWith(".pem")).hasSize(2);
            modes.forEach((name, mode) -> assertThat(mode)
                    .as(name)
                    .isEqualTo(name.isEmpty() || name.equals("keys") ? "rwx------" : "rw-------"));
        }
    }

    private static String mode(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void expectation46SecretsAreNeitherOnDiskNorInTheLogNorInTexts() throws IOException {
        List<String> canaries = new ArrayList<>(List.of(PASSWORD));
        List<Object> shown = new ArrayList<>();
        try (Registry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, folder, world)) {
            registry.devices().add(new Device(TenantId.MAIN, PUMP, null, "", Map.of(), "{}", clock.instant()));
            Credentials credentials = registry.credentials();
            List<Credentials.Issued> issued = new ArrayList<>();
            issued.add(credentials.issueToken(TenantId.MAIN, PUMP, null));
            issued.add(credentials.issueKey(TenantId.MAIN, "app", Principal.Role.OWNER, Set.of(), Set.of(), null));
            for (Credentials.Algorithm algorithm : Credentials.Algorithm.values()) {
                issued.add(
                        credentials.issueJwt(TenantId.MAIN, PUMP, Duration.ofHours(1), algorithm, Set.of(), Set.of()));
            }
            for (Credentials.Issued one : issued) {
                // The part of a JWT that is secret is its signature.
                canaries.add(one.secret().substring(one.secret().lastIndexOf('.') + 1));
                shown.add(one);
                shown.add(credentials.verify(one.secret()));
                shown.add(credentials.verify(one.secret().substring(1)));
                shown.add(credentials.verify(one.secret() + "x"));
                credentials.revoke(TenantId.MAIN, one.credential());
                shown.add(credentials.verify(one.secret()));
            }
            Users users = registry.users();
            users.add(TenantId.MAIN, "ada", PASSWORD, Principal.Role.OWNER);
            Users.SignIn welcome = users.signIn("ada", PASSWORD);
            shown.add(welcome);
            Users.Session session = ((Users.SignIn.Welcome) welcome).session();
            canaries.add(session.secret());
            canaries.add(session.csrf());
            String link = users.oneTimeLink(TenantId.MAIN, Duration.ofMinutes(15));
            canaries.add(link);
            canaries.add(link.replace("-", ""));
            Users.Session byLink = users.redeem(link).orElseThrow();
            canaries.add(byLink.secret());
            shown.add(byLink);
            users.signIn("ada", PASSWORD + "x");
            shown.add(registry.credentials().issued(TenantId.MAIN, PUMP));
            shown.add(users.all(TenantId.MAIN));

            assertThat(onDisk()).doesNotContain(canaries);
        }
        assertThat(onDisk()).contains("$argon2id$", "pump-1").doesNotContain(canaries);
        assertThat(shown.toString()).contains("pump-1").doesNotContain(canaries);
        assertThat(logged.list.stream().map(ILoggingEvent::getFormattedMessage).collect(Collectors.joining("\n")))
                .doesNotContain(canaries);
    }

    private String onDisk() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
            return all.toString();
        }
    }

    @Test
    void lostPrivateKeyIsReplacedAndItsTokensStayGood() throws IOException {
        String old;
        try (Registry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, folder, world)) {
            registry.devices().add(new Device(TenantId.MAIN, PUMP, null, "", Map.of(), "{}", clock.instant()));
            old = jwt(registry);
        }
        try (Stream<Path> keys = Files.list(folder.resolve("keys"))) {
            for (Path key : keys.toList()) {
                Files.delete(key);
            }
        }

        try (Registry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, folder, world)) {
            String fresh = jwt(registry);
            assertThat(registry.credentials().verify(old)).isInstanceOf(Credentials.Verdict.Accepted.class);
            assertThat(registry.credentials().verify(fresh)).isInstanceOf(Credentials.Verdict.Accepted.class);
            assertThat(fresh.substring(0, fresh.indexOf('.'))).isNotEqualTo(old.substring(0, old.indexOf('.')));
        }
    }

    private static String jwt(Registry registry) {
        return registry.credentials()
                .issueJwt(TenantId.MAIN, PUMP, Duration.ofHours(1), Credentials.Algorithm.RS256, Set.of(), Set.of())
                .secret();
    }

    @Test
    void swappedPrivateKeyIsFoundOutBeforeItSigns() throws IOException {
        try (Registry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, folder, world)) {
            registry.devices().add(new Device(TenantId.MAIN, PUMP, null, "", Map.of(), "{}", clock.instant()));
            registry.credentials().jwks();
        }
        try (Stream<Path> keys = Files.list(folder.resolve("keys"))) {
            for (Path key : keys.toList()) {
                Files.writeString(key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
            }
        }

        try (Registry registry = SqlRegistry.open(RegistrySettings.DEFAULTS, folder, world)) {
            assertThatThrownBy(() -> jwt(registry))
                    .isInstanceOf(PlatformException.class)
                    .hasMessageContaining("Restore the file from a backup");
        }
    }

    @Test
    void folderThatCannotBeUsedIsNamedWithWhatToDo() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");

        assertThatThrownBy(() -> SqlRegistry.open(RegistrySettings.DEFAULTS, file, world))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("choose another");
        Path data = Files.createDirectory(folder.resolve("damaged"));
        Files.writeString(data.resolve("registry.db"), "this is no database, this is a text file".repeat(100));
        assertThatThrownBy(() -> SqlRegistry.open(RegistrySettings.DEFAULTS, data, world))
                .isInstanceOf(PlatformException.class)
                .hasMessageContaining("registry.db");
    }
}
