package tributary.app.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// How far an import is, in a small file beside the one that is imported.
///
/// @param how      the way it is read: going on in another way would mix two
/// @param bytes    of the file
/// @param pieces   of the file that are through, stored or refused
/// @param readings that were stored
/// @param refused  pieces and readings that were not
/// @param done     whether the file is through
record Place(String how, long bytes, long pieces, long readings, long refused, boolean done) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Path file(Path source) {
        return source.resolveSibling(source.getFileName() + ".import");
    }

    static Place begin(Path source, String how) throws IOException {
        return new Place(how, Files.size(source), 0, 0, 0, false);
    }

    /// @return where the last one came to, or the beginning
    /// @throws IOException where the file was imported in another way, or changed since
    static Place read(Path source, String how) throws IOException {
        Place begin = begin(source, how);
        try {
            JsonNode text = JSON.readTree(Files.readString(file(source)));
            Place place = new Place(
                    text.path("how").asString(""),
                    text.path("bytes").asLong(-1),
                    text.path("pieces").asLong(0),
                    text.path("readings").asLong(0),
                    text.path("refused").asLong(0),
                    text.path("done").asBoolean(false));
            if (!place.how.equals(how)) {
                throw new IOException("an import of it was begun in another way (" + place.how + ");"
                        + " go on like that, or begin again with --again");
            }
            if (place.bytes != begin.bytes) {
                throw new IOException("it changed since an import of it was begun; begin again with --again");
            }
            return place;
        } catch (NoSuchFileException e) {
            return begin;
        } catch (JacksonException e) {
            throw new IOException(file(source) + " is damaged; begin again with --again", e);
        }
    }

    void write(Path source) throws IOException {
        ObjectNode text = JSON.createObjectNode()
                .put("how", how)
                .put("bytes", bytes)
                .put("pieces", pieces)
                .put("readings", readings)
                .put("refused", refused)
                .put("done", done);
        Path draft = source.resolveSibling(source.getFileName() + ".import.new");
        Files.writeString(draft, text.toString() + "\n");
        Files.move(draft, file(source), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    Place and(long morePieces, long moreReadings, long moreRefused) {
        return new Place(how, bytes, pieces + morePieces, readings + moreReadings, refused + moreRefused, false);
    }

    Place ended() {
        return new Place(how, bytes, pieces, readings, refused, true);
    }
}
