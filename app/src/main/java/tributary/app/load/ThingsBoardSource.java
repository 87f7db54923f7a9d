package tributary.app.load;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// Reads what ThingsBoard's REST API gives of a device's telemetry:
/// `{"temperature": [{"ts": 1690000000000, "value": "21.5"}], ...}`. It does not say whose it is.
final class ThingsBoardSource implements Source {
    private static final String SHAPE =
            "this is no telemetry of ThingsBoard, {\"sensor\": [{\"ts\": ..., \"value\": ...}]}";

    private final InputFile file;
    private final JsonParser json;
    private final Mapping mapping;
    private final String device;
    private String sensor = "";
    private long number;

    ThingsBoardSource(Path path, String device, Mapping mapping) throws IOException {
        this.file = new InputFile(path);
        this.device = device;
        this.mapping = mapping;
        try {
            this.json = JsonFactory.builder().build().createParser(ObjectReadContext.empty(), file.in());
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException(SHAPE);
            }
        } catch (JacksonException e) {
            file.close();
            throw new IOException(SHAPE, e);
        }
    }

    @Override
    public @Nullable Item next() throws IOException {
        try {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                switch (token) {
                    case PROPERTY_NAME -> sensor = json.currentName();
                    case START_ARRAY, END_ARRAY -> {}
                    case START_OBJECT -> {
                        return entry();
                    }
                    case END_OBJECT -> {
                        return null;
                    }
                    default -> throw new IOException(SHAPE);
                }
            }
            throw new IOException("the file breaks off behind entry " + number);
        } catch (JacksonException e) {
            throw new IOException("the file is damaged behind entry " + number + ": " + e.getOriginalMessage(), e);
        }
    }

    private Item entry() throws IOException {
        number++;
        String ts = "";
        Object value = null;
        while (json.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = json.currentName();
            JsonToken token = json.nextToken();
            if (token.isStructStart()) {
                throw new IOException("entry " + number + " of '" + sensor + "' is nested; export it as text");
            }
            if (name.equals("ts")) {
                ts = json.getString();
            } else if (name.equals("value")) {
                boolean text =
                        token == JsonToken.VALUE_STRING && mapping.asText().contains(sensor);
                value = token == JsonToken.VALUE_NULL ? null : text ? json.getString() : Cells.value(json.getString());
            }
        }
        if (value == null) {
            return new Item.Nothing(number);
        }
        try {
            return new Item.Row(number, device, mapping.times().micros(ts), Map.of(sensor, value));
        } catch (IllegalArgumentException e) {
            return new Item.Refused(number, device, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public double done() {
        return file.done();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
