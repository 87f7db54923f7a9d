package tributary.sinks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.model.Quote;
import tributary.model.Settings;

/// A text with places that each parcel fills: `${temp}` and `${door.open}` from its payload, `${device()}` and the
/// like from what is known about it. Read once, checked then.
public final class Template {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern PLACE = Pattern.compile("\\$\\{([^}]*)}");
    private static final Pattern CALL = Pattern.compile("([a-z_]+)\\(\\s*\\)");
    private static final Pattern STEP = Pattern.compile("([^.\\[\\]]+)|\\[(\\d{1,6})]");
    private static final Pattern PATH =
            Pattern.compile("[^.\\[\\]()\\s'\"]+(?:\\[\\d{1,6}])*(?:\\.[^.\\[\\]()\\s'\"]+(?:\\[\\d{1,6}])*)*");
    private static final List<String> CALLS =
            List.of("device", "rule", "sink", "tenant", "timestamp", "position", "id", "payload", "topic", "raw");

    /// A piece of the text.
    private sealed interface Piece {
        record Plain(String text) implements Piece {}

        record Known(String name) implements Piece {}

        record Path(String text, List<String> steps) implements Piece {}
    }

    private final String text;
    private final List<Piece> pieces;
    private final boolean readsPayload;

    private Template(String text, List<Piece> pieces) {
        this.text = text;
        this.pieces = List.copyOf(pieces);
        this.readsPayload = pieces.stream().anyMatch(Piece.Path.class::isInstance);
    }

    /// @throws IllegalArgumentException where a place cannot be read
    public static Template of(String text) {
        List<Piece> pieces = new ArrayList<>();
        Matcher place = PLACE.matcher(text);
        int from = 0;
        while (place.find()) {
            plain(pieces, text.substring(from, place.start()));
            pieces.add(piece(place.group(1).strip()));
            from = place.end();
        }
        plain(pieces, text.substring(from));
        return new Template(text, pieces);
    }

    private static void plain(List<Piece> pieces, String text) {
        if (text.contains("${")) {
            throw new IllegalArgumentException("'${' without its '}'");
        }
        if (!text.isEmpty()) {
            pieces.add(new Piece.Plain(text));
        }
    }

    private static Piece piece(String inside) {
        Matcher call = CALL.matcher(inside);
        if (call.matches()) {
            String name = call.group(1);
            if (!CALLS.contains(name)) {
                String near = Settings.nearest(name, CALLS);
                throw new IllegalArgumentException("there is no %s(); there are %s()%s"
                        .formatted(
                                name,
                                String.join("(), ", CALLS),
                                near == null ? "" : "; did you mean " + near + "()?"));
            }
            return new Piece.Known(name);
        }
        if (!PATH.matcher(inside).matches()) {
            throw new IllegalArgumentException(
                    "'${%s}' is neither a path into the payload, such as ${door.open} or ${list[0]}, nor one of %s()"
                            .formatted(Quote.shorten(inside), String.join("(), ", CALLS)));
        }
        List<String> steps = STEP.matcher(inside)
                .results()
                .map(step -> step.group(1) == null ? step.group(2) : step.group(1))
                .toList();
        return new Piece.Path(inside, steps);
    }

    /// @return the text as written
    public String text() {
        return text;
    }

    /// @return whether it shows the message that brought a parcel about
    public boolean showsRaw() {
        return pieces.contains(new Piece.Known("raw"));
    }

    /// @return whether it is the same for every parcel
    public boolean constant() {
        return pieces.stream().allMatch(Piece.Plain.class::isInstance);
    }

    /// Fills the places.
    ///
    /// @param escape makes a value fit where it is put
    /// @return the text, or empty where the parcel lacks something that a place asks for
    public Optional<String> fill(Parcel parcel, UnaryOperator<String> escape) {
        JsonNode payload = readsPayload ? payload(parcel) : JSON.nullNode();
        StringBuilder filled = new StringBuilder();
        for (Piece piece : pieces) {
            Optional<String> value = switch (piece) {
                case Piece.Plain(String plain) -> Optional.of(plain);
                case Piece.Known(String name) -> known(parcel, name).map(escape);
                case Piece.Path path -> at(payload, path.steps()).map(escape);
            };
            if (value.isEmpty()) {
                return Optional.empty();
            }
            filled.append(value.get());
        }
        return Optional.of(filled.toString());
    }

    /// Fills the places for people to read: what is not there is left out.
    public String show(Parcel parcel) {
        JsonNode payload = readsPayload ? payload(parcel) : JSON.nullNode();
        StringBuilder filled = new StringBuilder();
        for (Piece piece : pieces) {
            filled.append(
                    switch (piece) {
                        case Piece.Plain(String plain) -> plain;
                        case Piece.Known(String name) -> known(parcel, name).orElse("");
                        case Piece.Path path -> at(payload, path.steps()).orElse("");
                    });
        }
        return filled.toString();
    }

    private static JsonNode payload(Parcel parcel) {
        try {
            return JSON.readTree(parcel.payload());
        } catch (JacksonException e) {
            return JSON.nullNode();
        }
    }

    private static Optional<String> at(JsonNode payload, List<String> steps) {
        JsonNode node = payload;
        for (String step : steps) {
            node = node.isArray() && step.chars().allMatch(Character::isDigit)
                    ? node.path(Integer.parseInt(step))
                    : node.path(step);
        }
        if (node.isMissingNode() || node.isNull()) {
            return Optional.empty();
        }
        return Optional.of(node.isValueNode() ? node.asString() : JSON.writeValueAsString(node));
    }

    private static Optional<String> known(Parcel parcel, String name) {
        return switch (name) {
            case "device" -> parcel.device().isEmpty() ? Optional.empty() : Optional.of(parcel.device());
            case "rule" -> Optional.of(parcel.rule());
            case "sink" -> Optional.of(parcel.sink());
            case "tenant" -> Optional.of(parcel.tenant().value());
            case "timestamp" -> Optional.of(Long.toString(parcel.atMillis()));
            case "position" -> Optional.of(Long.toString(parcel.position()));
            case "id" -> Optional.of(parcel.id());
            case "payload" -> Optional.of(parcel.payload());
            case "topic" -> Optional.ofNullable(parcel.raw()).map(Raw::topic);
            case "raw" -> Optional.ofNullable(parcel.raw()).map(Raw::shown);
            default -> throw new IllegalStateException(name);
        };
    }

    @Override
    public String toString() {
        return text;
    }
}
