package tributary.sinks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tributary.model.Quote;
import tributary.model.Settings;

/// Reads a definition and collects every mistake, as [Settings] does for the whole program.
public final class SinkFields {
    private final Settings scalars;
    private final Map<String, JsonNode> objects = new HashMap<>();
    private final Map<String, String> secrets;
    private final Set<String> askedObjects = new TreeSet<>();
    private final Set<String> askedSecrets = new TreeSet<>();
    private final List<SinkFlaw> flaws = new ArrayList<>();

    /// @param config  a JSON object
    /// @param secrets by name
    SinkFields(JsonNode config, Map<String, String> secrets) {
        this.secrets = Map.copyOf(secrets);
        Map<String, String> texts = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : config.properties()) {
            JsonNode value = field.getValue();
            if (value.isObject()) {
                objects.put(field.getKey(), value);
            } else if (value.isString() || value.isNumber() || value.isBoolean()) {
                texts.put(field.getKey(), value.asString());
            } else {
                problem(field.getKey(), Quote.shorten(field.getKey()) + " must be a text, a number, true or false");
            }
        }
        scalars = new Settings(texts);
    }

    public String text(String name, String fallback) {
        return scalars.text(name, fallback);
    }

    /// @return the text; missing or blank is a mistake
    public String required(String name, String meaning) {
        String value = scalars.text(name, "");
        if (value.isBlank()) {
            problem(name, name + " is missing: " + meaning);
        }
        return value;
    }

    public int number(String name, int fallback, int min, int max) {
        return scalars.number(name, fallback, min, max);
    }

    public long bytes(String name, long fallback, long min, long max) {
        return scalars.bytes(name, fallback, min, max);
    }

    public Duration duration(String name, Duration fallback, Duration min, Duration max) {
        return scalars.duration(name, fallback, min, max);
    }

    public boolean flag(String name, boolean fallback) {
        return scalars.flag(name, fallback);
    }

    public <E extends Enum<E>> E choice(String name, E fallback) {
        return scalars.choice(name, fallback);
    }

    /// @return a text with `${...}` in it
    public Template template(String name, String fallback) {
        String text = scalars.text(name, fallback);
        try {
            return Template.of(text);
        } catch (IllegalArgumentException e) {
            problem(name, name + ": " + e.getMessage());
            return Template.of("");
        }
    }

    /// @return an object with texts as values; empty where it is not there
    public Map<String, String> texts(String name, int countMax) {
        askedObjects.add(name);
        Map<String, String> texts = new LinkedHashMap<>();
        JsonNode object = objects.get(name);
        if (object == null) {
            return texts;
        }
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (field.getValue().isString()) {
                texts.put(field.getKey(), field.getValue().stringValue());
            } else {
                problem(name, "%s: '%s' must be a text".formatted(name, Quote.shorten(field.getKey())));
            }
        }
        if (texts.size() > countMax) {
            problem(name, "%s has at most %d entries, was %d".formatted(name, countMax, texts.size()));
        }
        return texts;
    }

    /// @return the secret, or "" where it is not there
    public String secret(String name) {
        askedSecrets.add(name);
        return secrets.getOrDefault(name, "");
    }

    /// @return the secret; missing is a mistake
    public String requiredSecret(String name, String meaning) {
        String value = secret(name);
        if (value.isEmpty()) {
            flaws.add(new SinkFlaw("/secrets/" + name, "the secret " + name + " is missing: " + meaning));
        }
        return value;
    }

    /// A mistake about a field of `config`.
    public void problem(String name, String what) {
        flaws.add(new SinkFlaw("/config/" + name, what));
    }

    /// A mistake about a secret. What it says must not hold the secret.
    public void secretProblem(String name, String what) {
        flaws.add(new SinkFlaw("/secrets/" + name, what));
    }

    /// @return every mistake, unknown fields last; ask only after everything was read
    List<SinkFlaw> flaws() {
        List<SinkFlaw> all = new ArrayList<>(flaws);
        for (String problem : scalars.problems()) {
            String field = problem.split("[ :]", 2)[0];
            boolean secret = askedSecrets.contains(field);
            all.add(new SinkFlaw(
                    "/config/" + field,
                    secret
                            ? field + " is a secret and belongs into 'secrets'; it is not kept"
                            : problem.replace(" is not a setting", " is not a field of this type")));
        }
        for (String name : new TreeSet<>(objects.keySet())) {
            if (!askedObjects.contains(name)) {
                boolean scalar = scalars.known().containsKey(name);
                String near = Settings.nearest(name, askedObjects);
                all.add(new SinkFlaw(
                        "/config/" + name,
                        Quote.shorten(name)
                                + (scalar ? " is no object" : " is not a field of this type")
                                + (near == null ? "" : "; did you mean " + near + "?")));
            }
        }
        for (String name : new TreeSet<>(secrets.keySet())) {
            if (!askedSecrets.contains(name)) {
                String near = Settings.nearest(name, askedSecrets);
                all.add(new SinkFlaw(
                        "/secrets/" + name,
                        Quote.shorten(name) + " is not a secret of this type"
                                + (near == null ? "" : "; did you mean " + near + "?")));
            }
        }
        return List.copyOf(all);
    }

    /// @return the fields that were asked for with their defaults, the page on sinks is held against it
    Map<String, String> known() {
        Map<String, String> known = new LinkedHashMap<>(scalars.known());
        askedObjects.forEach(name -> known.put(name, "{}"));
        return known;
    }

    /// @return the secrets that were asked for
    Set<String> knownSecrets() {
        return Set.copyOf(askedSecrets);
    }
}
