package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.app.server.Configuration;

/// What the pages name exists, and what exists is named.
class DocsTest {
    private static final Path ROOT = Checkout.root();

    @Test
    void everySettingIsInTheTableWithItsDefaultAndNoOther() throws IOException {
        Map<String, String> documented = new LinkedHashMap<>();
        for (String line : Files.readAllLines(ROOT.resolve("docs/config.md"))) {
            String[] cells = line.split("\\|");
            if (line.startsWith("| `") && cells.length >= 4) {
                documented.put(bare(cells[1]), bare(cells[2]));
            }
        }
        assertThat(documented).containsExactlyInAnyOrderEntriesOf(Configuration.known());
    }

    @Test
    void everyDependencyHasAReasonAndEveryReasonADependency() throws IOException {
        Set<String> used = new TreeSet<>();
        for (Path pom : poms()) {
            String text = Files.readString(pom).replaceAll("(?s)<dependencyManagement>.*</dependencyManagement>", "");
            Pattern.compile("<dependency>.*?<artifactId>([^<]+)</artifactId>", Pattern.DOTALL)
                    .matcher(text)
                    .results()
                    .map(match -> match.group(1))
                    .filter(name -> !name.startsWith("tributary-"))
                    .forEach(used::add);
        }
        JsonNode portal = JsonMapper.builder().build().readTree(Files.readString(ROOT.resolve("portal/package.json")));
        used.addAll(portal.path("dependencies").propertyNames());
        used.addAll(portal.path("devDependencies").propertyNames());
        Set<String> documented = Files.readAllLines(ROOT.resolve("docs/dependencies.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("\\|")[1])
                .flatMap(cell -> Pattern.compile("`([^`]+)`").matcher(cell).results())
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(documented).containsExactlyElementsOf(used);
    }

    @Test
    void everyLinkBetweenPagesLeadsSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path page : pages()) {
            for (MatchResult link : Pattern.compile("\\]\\(([^)#]+)(#[^)]*)?\\)")
                    .matcher(Files.readString(page))
                    .results()
                    .toList()) {
                String target = link.group(1);
                if (!target.contains("://") && !Files.exists(page.resolveSibling(target))) {
                    broken.add(ROOT.relativize(page) + " -> " + target);
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void everyStationSaysWhatItIs() throws IOException {
        for (Path pom : poms()) {
            if (!pom.getParent().equals(ROOT)) {
                assertThat(pom.resolveSibling("README.md")).exists();
            }
        }
    }

    /// A page's test is whatever reads it; `./dev docs` names them by pattern.
    @Test
    void devDocsRunsEveryTestThatReadsAPage() throws IOException {
        String dev = Files.readString(ROOT.resolve("dev"));
        List<String> patterns = Pattern.compile("(?:pages|processes)=['\"](?:\\$pages,)?([\\w*,]+)['\"]")
                .matcher(dev)
                .results()
                .flatMap(named -> Stream.of(named.group(1).split(",")))
                .toList();
        Pattern reads = Pattern.compile("\\((?:\"\\.\\.\", )?\"(?:\\.\\./)?(?:docs|README\\.md)(?:/[a-z-]+\\.md)?\"");
        List<String> tests = new ArrayList<>();
        List<String> forgotten = new ArrayList<>();
        for (Path source : tests()) {
            String name = source.getFileName().toString().replace(".java", "");
            tests.add(name);
            if (reads.matcher(Files.readString(source)).find()
                    && patterns.stream().noneMatch(pattern -> fits(name, pattern))) {
                forgotten.add(name);
            }
        }
        assertThat(forgotten).isEmpty();
        assertThat(patterns)
                .hasSizeGreaterThan(10)
                .allMatch(pattern -> tests.stream().anyMatch(name -> fits(name, pattern)));
    }

    private static boolean fits(String name, String pattern) {
        return name.matches(pattern.replace("*", ".*"));
    }

    private static List<Path> tests() throws IOException {
        List<Path> tests = new ArrayList<>();
        for (Path pom : poms()) {
            Path sources = pom.resolveSibling("src/test/java");
            if (Files.exists(sources)) {
                try (Stream<Path> files = Files.walk(sources)) {
                    files.filter(file -> file.toString().matches(".*(Test|IT)\\.java"))
                            .forEach(tests::add);
                }
            }
        }
        return tests;
    }

    private static String bare(String cell) {
        return cell.strip().replace("`", "");
    }

    private static List<Path> poms() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 2)) {
            return files.filter(file -> file.getFileName().toString().equals("pom.xml"))
                    .toList();
        }
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !file.toString().contains("/target/")
                            && !file.toString().contains("/node_modules/"))
                    .toList();
        }
    }
}
