package tributary.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The house is as `docs/layout.md` says: the table there is read, so the page cannot go stale.
class LayoutTest {
    private static final Path ROOT = Checkout.root();
    private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);", Pattern.MULTILINE);
    private static final Pattern IMPORT =
            Pattern.compile("^import (?:static )?((?:[a-z_]\\w*\\.)+)(\\w+)", Pattern.MULTILINE);
    private static final Pattern QUALIFIED =
            Pattern.compile("(?<![\\w.\"#])(?:java|tributary)(?:\\.[a-z]\\w*)+\\.[A-Z]");

    @Test
    void everyModuleImportsOnlyWhatTheTableAllows() throws IOException {
        Map<String, Set<String>> allowed = table();
        List<String> breaches = new ArrayList<>();
        for (Source source : sources()) {
            Set<String> may = allowed.get(source.module());
            for (Import imported : source.imports()) {
                String module = imported.module();
                if (module.equals(source.module()) || may != null && (may.contains(module) || may.contains("*"))) {
                    continue;
                }
                breaches.add("%s -> %s   %s may import %s; see docs/layout.md"
                        .formatted(source.path(), imported.packageName(), source.module(), may));
            }
        }
        assertThat(breaches).isEmpty();
    }

    /// The engine of SQL is behind few classes: statements of ours over files, and those of tenants in a
    /// worker's process. Whoever would change the engine changes these.
    @Test
    void onlyTheseNameTheEngine() throws IOException {
        Set<String> allowed = Set.of(
                "tributary.lake.ParquetFiles",
                "tributary.query.format.ParquetRows",
                "tributary.sinks.folder.ParquetFile",
                "tributary.app.load.ParquetSource");
        Set<String> found = new TreeSet<>();
        for (Source source : sources()) {
            String text = source.text();
            if (text.contains("jdbc:duckdb") || text.contains("import org.duckdb.")) {
                found.add(source.packageName() + "."
                        + source.path().getFileName().toString().replace(".java", ""));
            }
        }
        assertThat(found)
                .as("classes that open the engine of SQL; docs/decisions/0002")
                .isEqualTo(allowed);
    }

    @Test
    void onlyRootPackagesAreImportedFromOtherModules() throws IOException {
        List<String> breaches = new ArrayList<>();
        for (Source source : sources()) {
            for (Import imported : source.imports()) {
                boolean inner = !imported.packageName().equals("tributary." + imported.module());
                if (inner
                        && !imported.module().equals(source.module())
                        && !source.module().equals("app")) {
                    breaches.add(source.path() + " -> " + imported.packageName() + "   is inside another module");
                }
            }
        }
        assertThat(breaches).isEmpty();
    }

    @Test
    void noTwoPackagesReachEachOther() throws IOException {
        Map<String, Set<String>> imports = new TreeMap<>();
        for (Source source : sources()) {
            Set<String> targets = imports.computeIfAbsent(source.packageName(), _ -> new TreeSet<>());
            source.imports().stream()
                    .map(Import::packageName)
                    .filter(name -> !name.equals(source.packageName()))
                    .forEach(targets::add);
        }
        Map<String, Set<String>> reach = new TreeMap<>();
        imports.keySet().forEach(start -> reach.put(start, reachable(start, imports)));
        List<Set<String>> knots = imports.keySet().stream()
                .map(a -> imports.keySet().stream()
                        .filter(b -> reach.get(a).contains(b) && reach.get(b).contains(a))
                        .collect(Collectors.toSet()))
                .filter(knot -> knot.size() > 1)
                .distinct()
                .toList();
        assertThat(knots).isEmpty();
    }

    @Test
    void everyModuleOfTheBuildIsInTheTableAndTheOtherWayRound() throws IOException {
        String pom = Files.readString(ROOT.resolve("pom.xml"));
        Set<String> modules = Pattern.compile("<module>([\\w/-]+)</module>")
                .matcher(pom)
                .results()
                .map(m -> m.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(table().keySet()).containsExactlyInAnyOrderElementsOf(modules);
    }

    @Test
    void everyDoorNamedInTheTableExistsAndIsPublic() throws IOException {
        List<String> missing = new ArrayList<>();
        for (String[] row : rows()) {
            Matcher names = Pattern.compile("`(\\w+)`").matcher(row[3]);
            while (names.find()) {
                String name = names.group(1);
                Pattern declared = Pattern.compile(
                        "^public [\\w ]*(class|interface|record|enum|@interface) " + name + "\\b", Pattern.MULTILINE);
                boolean found = sources().stream()
                        .anyMatch(source -> source.module().equals(row[1].strip())
                                && declared.matcher(source.text()).find());
                if (!found) {
                    missing.add(row[1].strip() + ": " + name);
                }
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void productCodeNamesTypesByImportBecauseImportsAreWhatThisTestReads() throws IOException {
        List<String> breaches = new ArrayList<>();
        for (Source source : sources()) {
            int number = 0;
            for (String line : source.text().split("\n")) {
                number++;
                String code = line.strip();
                boolean prose = code.startsWith("//")
                        || code.startsWith("*")
                        || code.startsWith("import ")
                        || code.startsWith("package ");
                if (!prose
                        && QUALIFIED
                                .matcher(code.replaceAll("\"(?:[^\"\\\\]|\\\\.)*\"", "\"\""))
                                .find()) {
                    breaches.add(source.path() + ":" + number + "   write an import instead of " + code);
                }
            }
        }
        assertThat(breaches).isEmpty();
    }

    private static Map<String, Set<String>> table() throws IOException {
        Map<String, Set<String>> allowed = new LinkedHashMap<>();
        for (String[] row : rows()) {
            Set<String> names = Arrays.stream(row[4].split(","))
                    .map(String::strip)
                    .filter(name -> !name.equals("-"))
                    .collect(Collectors.toCollection(TreeSet::new));
            allowed.put(row[1].strip(), names);
        }
        return allowed;
    }

    private static List<String[]> rows() throws IOException {
        return Files.readAllLines(ROOT.resolve("docs/layout.md")).stream()
                .filter(line -> line.matches("\\| [a-z]+ \\|.*"))
                .filter(line -> !line.startsWith("| module |"))
                .map(line -> line.split("\\|"))
                .toList();
    }

    private static Set<String> reachable(String start, Map<String, Set<String>> imports) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(Set.of(start));
        while (!open.isEmpty()) {
            for (String next : imports.get(open.pop())) {
                if (imports.containsKey(next) && seen.add(next)) {
                    open.push(next);
                }
            }
        }
        return seen;
    }

    /// One product source file.
    private record Source(Path path, String module, String packageName, String text, List<Import> imports) {}

    /// One import of a package of ours.
    private record Import(String packageName) {
        String module() {
            return packageName.split("\\.")[1];
        }
    }

    private static List<Source> sources() throws IOException {
        List<Source> sources = new ArrayList<>();
        for (Path file : Checkout.productSources()) {
            String text = Files.readString(file);
            Matcher home = PACKAGE.matcher(text);
            if (home.find()) {
                List<Import> imports = IMPORT.matcher(text)
                        .results()
                        .map(m -> m.group(1).substring(0, m.group(1).length() - 1))
                        .filter(name -> name.startsWith("tributary."))
                        .map(Import::new)
                        .toList();
                Path relative = ROOT.relativize(file);
                sources.add(new Source(relative, relative.getName(0).toString(), home.group(1), text, imports));
            }
        }
        return sources;
    }
}
