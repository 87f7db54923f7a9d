package tributary.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// What a handler answers.
sealed interface Answer {
    /// A JSON document.
    ///
    /// @param headers go with it; a cookie for instance
    record Document(int status, JsonNode body, Map<String, List<String>> headers) implements Answer {
        public Document {
            headers = Map.copyOf(headers);
        }
    }

    /// Text of some type, as it stands.
    record Plain(int status, String mediaType, String body) implements Answer {}

    /// No body.
    record Empty(int status, Map<String, List<String>> headers) implements Answer {
        public Empty {
            headers = Map.copyOf(headers);
        }
    }

    /// A body that is written as it comes into being. A failure before its first byte is a problem; a later one cuts
    /// the connection, so that the client cannot take half an answer for a whole one.
    ///
    /// @param live whether what is written leaves at each flush
    record Streamed(String mediaType, boolean live, Body body) implements Answer {}

    /// Writes a body.
    interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    /// An error.
    record Refusal(Problem problem) implements Answer {}

    static Answer ok(JsonNode body) {
        return new Document(200, body, Map.of());
    }

    static Answer created(JsonNode body) {
        return new Document(201, body, Map.of());
    }

    static Answer done() {
        return new Empty(204, Map.of());
    }

    static Answer refused(ProblemCode code, String detail) {
        return new Refusal(Problem.of(code, detail));
    }

    static Answer notFound() {
        return new Refusal(Problem.notFound());
    }
}
