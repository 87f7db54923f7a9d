package tributary.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/// The launcher gives commands that only ask a server few libraries: they must reach no class of another one.
class ClientPathTest {
    private static final Pattern COMMANDS = Pattern.compile("(?m)^    (alarm [^)]+)\\)\n +classpath=\\$client$");
    private static final Pattern LIBRARIES = Pattern.compile("\"\\$lib\"/([a-z]+-)\\*\\.jar");
    private static final ClassLoader JAVA = ClassLoader.getPlatformClassLoader();

    private final String launcher = Files.readString(Path.of("../tributary"));

    ClientPathTest() throws IOException {}

    @Test
    void whatOnlyAsksAServerReachesNoLibraryThatItIsNotGiven() throws IOException {
        Matcher listed = COMMANDS.matcher(launcher);
        assertThat(listed.find()).isTrue();
        List<String> commands = Arrays.asList(listed.group(1).split("[\\s\\\\|]+"));
        assertThat(commands).contains("device", "send", "status");
        List<String> given = LIBRARIES
                .matcher(launcher)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(given).contains("tributary-", "picocli-");

        for (String command : commands) {
            assertThat(librariesOf(command))
                    .as(command)
                    .allMatch(library -> given.stream().anyMatch(library::startsWith));
        }
    }

    @Test
    void whatStartsAServerReachesMore() throws IOException {
        assertThat(librariesOf("up")).anyMatch(library -> library.startsWith("netty-"));
    }

    /// @return names of jars
    private static Set<String> librariesOf(String command) throws IOException {
        Set<String> libraries = new HashSet<>();
        Set<String> seen = new HashSet<>(Set.of(name(Commands.class)));
        Deque<String> next = new ArrayDeque<>();
        all(Commands.commandLine(command).getSubcommands().get(command))
                .map(line -> name(line.getCommandSpec().userObject().getClass()))
                .forEach(next::add);
        while (!next.isEmpty()) {
            String name = next.remove();
            String file = name + ".class";
            if (!seen.add(name) || JAVA.getResource(file) != null) {
                continue;
            }
            if (name.startsWith("tributary/")) {
                next.addAll(mentioned(file));
                continue;
            }
            String place = Objects.requireNonNull(ClassLoader.getSystemResource(file), file)
                    .toString();
            String jar = place.substring(0, place.indexOf("!/"));
            libraries.add(jar.substring(jar.lastIndexOf('/') + 1));
        }
        return libraries;
    }

    private static Stream<CommandLine> all(CommandLine line) {
        return Stream.concat(
                Stream.of(line), line.getSubcommands().values().stream().flatMap(ClientPathTest::all));
    }

    private static List<String> mentioned(String file) throws IOException {
        try (InputStream in = Objects.requireNonNull(ClassLoader.getSystemResourceAsStream(file), file)) {
            return StreamSupport.stream(
                            ClassFile.of()
                                    .parse(in.readAllBytes())
                                    .constantPool()
                                    .spliterator(),
                            false)
                    .filter(ClassEntry.class::isInstance)
                    .map(entry -> ((ClassEntry) entry).asInternalName())
                    .filter(name -> !name.startsWith("["))
                    .toList();
        }
    }

    private static String name(Class<?> type) {
        return type.getName().replace('.', '/');
    }
}
