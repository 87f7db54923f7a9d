package tributary.app.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import tributary.model.Settings;

/// Brings keys together from file, environment and flags, each overruling the one before.
///
/// In the file keys may nest: `mqtt: {port: 1883}` is `mqtt.port`. In the environment `mqtt.port` is
/// `TRIBUTARY_MQTT_PORT`.
public final class Configuration {
    private static final String PREFIX = "TRIBUTARY_";

    /// Read by the launcher and the command line, not by the server.
    private static final List<String> NOT_SETTINGS =
            List.of("TRIBUTARY_DATA", "TRIBUTARY_KEY", "TRIBUTARY_HEAP", "TRIBUTARY_JAVA_OPTS", "TRIBUTARY_AOT");

    private Configuration() {}

    /// Reads everything and reports every mistake together.
    ///
    /// @param file        YAML, or a path that does not exist
    /// @param environment variables of the process
    /// @param flags       keys from the command line
    /// @throws ConfigurationException where anything is wrong
    public static ServerSettings read(Path file, Map<String, String> environment, Map<String, String> flags) {
        Settings probe = new Settings(Map.of());
        ServerSettings.read(probe);
        List<String> problems = new ArrayList<>();
        Map<String, String> values = new HashMap<>(file(file, problems));
        values.putAll(environment(environment, probe.known().keySet(), problems));
        values.putAll(flags);
        Settings settings = new Settings(values);
        ServerSettings read = ServerSettings.read(settings);
        problems.addAll(settings.problems());
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return read;
    }

    /// @return every key there is with its default as text
    public static Map<String, String> known() {
        Settings probe = new Settings(Map.of());
        ServerSettings.read(probe);
        return probe.known();
    }

    private static Map<String, String> file(Path file, List<String> problems) {
        if (!Files.exists(file)) {
            return Map.of();
        }
        Map<String, String> values = new TreeMap<>();
        try {
            Object root = new Load(
                            LoadSettings.builder().setLabel(file.toString()).build())
                    .loadFromString(Files.readString(file));
            if (root != null) {
                flatten("", root, values, problems, file);
            }
        } catch (YamlEngineException e) {
            problems.add(file + " is not YAML: " + e.getMessage());
        } catch (IOException e) {
            problems.add("cannot read " + file + ": " + e.getMessage());
        }
        return values;
    }

    private static void flatten(
            String prefix, Object node, Map<String, String> values, List<String> problems, Path file) {
        switch (node) {
            case Map<?, ?> map ->
                map.forEach((key, value) -> flatten(
                        prefix.isEmpty() ? String.valueOf(key) : prefix + "." + key,
                        value == null ? "" : value,
                        values,
                        problems,
                        file));
            case List<?> _ -> problems.add("%s: %s must be one value, was a list".formatted(file, prefix));
            default -> values.put(prefix, node.toString());
        }
    }

    private static Map<String, String> environment(
            Map<String, String> environment, Iterable<String> known, List<String> problems) {
        Map<String, String> byVariable = new TreeMap<>();
        known.forEach(key -> byVariable.put(variable(key), key));
        Map<String, String> values = new HashMap<>();
        environment.forEach((name, value) -> {
            String key = byVariable.get(name);
            if (key != null) {
                values.put(key, value);
            } else if (name.startsWith(PREFIX) && !NOT_SETTINGS.contains(name)) {
                String near = Settings.nearest(name, byVariable.keySet());
                problems.add(name + " in the environment is not a setting"
                        + (near == null ? "" : "; did you mean " + near + "?"));
            }
        });
        return values;
    }

    /// @return the variable of the environment that a key is read from
    public static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
