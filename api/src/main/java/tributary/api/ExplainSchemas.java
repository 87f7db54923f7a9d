package tributary.api;

import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import java.util.List;

/// The shapes of "Where is my message?".
final class ExplainSchemas {
    private static final Schema.Obj LINE = new Schema.Obj(
            "ExplainLine",
            "One station of the message's way.",
            List.of(
                    must(
                            "station",
                            Schema.oneOf(
                                    "which", "received", "rights", "quota", "decoded", "stored", "rules", "sinks")),
                    must("state", Schema.oneOf("how it is", "good", "waits", "bad", "none")),
                    must("text", Schema.text("what happened there, for people", 4096))));

    private static final Schema.Obj READING = new Schema.Obj(
            "ExplainReading",
            "A reading as the decoder makes it.",
            List.of(
                    must("sensor", Schema.text("its path", 4096)),
                    must("at", new Schema.Moment("when it was measured")),
                    must("value", new Schema.Anything("a number, a text, true or false"))));

    private static final Schema.Obj REJECTED = new Schema.Obj(
            "ExplainRejected",
            "A part of the payload that is no reading.",
            List.of(
                    must("index", new Schema.Whole("which element, from 0", 0, Integer.MAX_VALUE)),
                    must("reason", Schema.text("what is wrong and what would be right", 4096))));

    private static final Schema.Obj STORED = new Schema.Obj(
            "ExplainStored",
            "Rows of the message in a table.",
            List.of(
                    must("table", Schema.text("which", 40)),
                    must("file", Schema.text("below the lake's folder, or empty while in memory", 4096)),
                    must("rows", new Schema.Whole("how many", 0, Long.MAX_VALUE))));

    private static final Schema.Obj STEP = new Schema.Obj(
            "ExplainStep",
            "One step of the message through a rule.",
            List.of(
                    must("name", Schema.text("of the step: topic, where, window, having, alert and so on", 40)),
                    must("outcome", Schema.oneOf("how it ended", "passed", "dropped", "waits", "said")),
                    must("at", new Schema.Moment("when, by the clock of the stream")),
                    must("detail", Schema.text("what happened, for people", 4096)),
                    must(
                            "values",
                            new Schema.ListOf(
                                    "what a condition looked at",
                                    new Schema.Obj(
                                            "ExplainValue",
                                            "A part of a condition.",
                                            List.of(
                                                    must("expression", Schema.text("as written", 65_536)),
                                                    must("value", Schema.text("as JSON, or undefined", 4096)))),
                                    20))));

    private static final Schema.Obj OUTCOME = new Schema.Obj(
            "ExplainOutcome",
            "What became of an output at one of the places that it goes to.",
            List.of(
                    must("to", Schema.oneOf("what kind of place", "topic", "sink", "alerts")),
                    must("name", Schema.text("of the topic or sink", 65_535)),
                    must(
                            "state",
                            Schema.oneOf(
                                    "how it is",
                                    "delivered",
                                    "waiting",
                                    "dead-letter",
                                    "set-aside",
                                    "not-sent",
                                    "unknown")),
                    must("text", Schema.text("how that is known, for people", 4096)),
                    orNull("id", Schema.text("of the message in the log, or the position of a dead letter", 40))));

    private static final Schema.Obj SAID = new Schema.Obj(
            "ExplainSaid",
            "Something that a rule says because of the message.",
            List.of(
                    must("at", new Schema.Moment("when, by the clock of the stream")),
                    must("device", Schema.text("which it is about, or empty", 200)),
                    must("payload", Schema.text("its beginning", 4096)),
                    must("alert", Schema.text("the state that an alert came into, or empty", 20)),
                    must("outcomes", new Schema.ListOf("where it went", OUTCOME, 100))));

    private static final Schema.Obj RULE = new Schema.Obj(
            "ExplainRule",
            "How the message fared in one rule.",
            List.of(
                    must("rule", Schema.text("its name", 100)),
                    must("version", new Schema.Whole("whose text ran over it", 1, Integer.MAX_VALUE)),
                    must("state", Schema.oneOf("of the rule now", "draft", "shadow", "on", "paused")),
                    must("ran", Schema.oneOf("whether it ran when the message came", "yes", "no", "unknown")),
                    must("verdict", Schema.oneOf("in short", "deaf", "dropped", "waits", "said")),
                    must("text", Schema.text("the same, for people", 4096)),
                    orNull("since", new Schema.Moment("from when on it was given messages; null where it needs none")),
                    must("until", new Schema.Moment("up to when it was followed")),
                    must("steps", new Schema.ListOf("one after the other", STEP, 1_000)),
                    must("said", new Schema.ListOf("because of the message", SAID, 100))));

    private static final Schema.Obj NEARBY = new Schema.Obj(
            "ExplainNearby",
            "Another message of the device.",
            List.of(
                    must("id", Schema.text("to ask about it", 40)),
                    must("receivedAt", new Schema.Moment("when it was accepted")),
                    must("topic", Schema.text("where it was published", 65_535)),
                    must("bytes", new Schema.Whole("length of the payload", 0, Integer.MAX_VALUE))));

    static final Schema.Obj EXPLANATION = new Schema.Obj(
            "Explanation",
            "Where a message is.",
            List.of(
                    orNull("id", Schema.text("partition and position, 0-1234; null where there is no message", 40)),
                    orNull("message", Recorded.SCHEMA),
                    must("story", new Schema.ListOf("its way, station by station", LINE, 10)),
                    must("readings", new Schema.ListOf("the first of them", READING, Explanation.SHOWN_MAX)),
                    must("readingsCount", new Schema.Whole("how many there are", 0, Long.MAX_VALUE)),
                    must("rejected", new Schema.ListOf("the first of them", REJECTED, Explanation.SHOWN_MAX)),
                    must("stored", new Schema.ListOf("where its rows are", STORED, 10_000)),
                    must("rules", new Schema.ListOf("every rule, by name", RULE, 1_000)),
                    must("refused", new Schema.ListOf("of the device around that time", AttemptRoutes.ATTEMPT, 100)),
                    must("nearby", new Schema.ListOf("others around that time", NEARBY, 100))));

    private ExplainSchemas() {}
}
