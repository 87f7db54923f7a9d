package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import java.util.ArrayList;
import java.util.List;
import tributary.registry.Functions;
import tributary.registry.LookupTables;
import tributary.registry.RuleStore;

/// What [RuleRoutes] takes and answers.
final class RuleSchemas {
    private static final int ACTIONS_MAX = 16;
    private static final Schema.Text NAME =
            Schema.name("letters, digits, '.', '_' and '-', beginning with a letter or digit", 100);
    private static final Schema.Text SQL = Schema.name("the statement", 64 << 10);
    private static final Schema.Text VERSION =
            Schema.oneOf("whose SQL it is", "tributary", "2015-10-08", "2016-03-23", "beta");
    private static final Schema.Text ZONE = Schema.name("where days begin, such as Europe/Budapest", 100);
    private static final Schema.Text DESCRIPTION = Schema.text("what it is for", 2000);
    private static final Schema.Text STATE = Schema.oneOf(
            "draft: it does nothing; shadow: it runs and acts on nothing; on: it runs; paused: it does nothing and keeps"
                    + " what it remembers",
            "draft",
            "shadow",
            "on",
            "paused");
    private static final Schema ACTIONS = new Schema.ListOf(
            "where what the rule says goes",
            new Schema.Obj(
                    "RuleAction",
                    "Either a topic, a sink or a command.",
                    List.of(
                            may(
                                    "topic",
                                    Schema.name(
                                            "a topic; ${device_id()} or a key such as ${door.name} is filled in",
                                            1024)),
                            may("sink", Schema.name("the name of a sink", 1024)),
                            may(
                                    "raw",
                                    new Schema.Flag(
                                            "with a sink: whether it gets the message beside what is said of it")),
                            may(
                                    "command",
                                    Schema.name(
                                            "a device and what the command is called, such as ${pump}/stop", 1024)))),
            ACTIONS_MAX);

    private static final String SINCE = ", since the rule began with nothing remembered";

    static final Schema.Obj FIGURES = new Schema.Obj(
            "RuleFigures",
            "What a rule did since the server started.",
            List.of(
                    must("taken", new Schema.Whole("messages that it looked at", 0, Long.MAX_VALUE)),
                    must("said", new Schema.Whole("outputs", 0, Long.MAX_VALUE)),
                    must("failed", new Schema.Whole("what it failed at", 0, Long.MAX_VALUE)),
                    must("late", new Schema.Whole("messages that came too late" + SINCE, 0, Long.MAX_VALUE)),
                    must(
                            "skewed",
                            new Schema.Whole(
                                    "messages with a time too far ahead of arrival" + SINCE, 0, Long.MAX_VALUE)),
                    must(
                            "unstamped",
                            new Schema.Whole(
                                    "messages without the time that TIMESTAMP BY asks for" + SINCE, 0, Long.MAX_VALUE)),
                    must(
                            "unread",
                            new Schema.Whole("messages that are neither JSON nor CBOR" + SINCE, 0, Long.MAX_VALUE)),
                    must("microsAMessage", new Schema.Decimal("what a message costs lately, in microseconds"))));

    static final Schema.Obj RULE = new Schema.Obj(
            "Rule",
            "A rule of the tenant.",
            List.of(
                    must("name", NAME),
                    must("version", new Schema.Whole("one more with each change of the text", 1, Integer.MAX_VALUE)),
                    must("state", STATE),
                    must("sql", SQL),
                    must("sqlVersion", VERSION),
                    must("zone", ZONE),
                    must("description", DESCRIPTION),
                    must("actions", ACTIONS),
                    must("createdAt", new Schema.Moment("when it was made")),
                    must("changedAt", new Schema.Moment("when its text or state was changed last")),
                    must("changedBy", Schema.text("who did that", 300)),
                    orNull("figures", FIGURES)));

    static final Schema.Obj NEW_RULE = new Schema.Obj(
            "NewRule",
            "The text of a rule, and what it does from now on. What is left out stays; of a new rule it has its default,"
                    + " and the statement is needed.",
            List.of(
                    may("sql", SQL),
                    may("sqlVersion", VERSION),
                    may("zone", ZONE),
                    may("description", DESCRIPTION),
                    may("actions", ACTIONS),
                    may(
                            "state",
                            STATE.saying(
                                    "what it does from now on; left out, a new rule is a draft and any other stays")),
                    may(
                            "version",
                            new Schema.Whole(
                                    "the version that the change is of, 0 for a new rule; another one there is a conflict",
                                    0,
                                    Integer.MAX_VALUE))));

    /// @param functions what may come along
    static Schema.Obj toCheck(Schema.Obj functions) {
        List<Schema.Field> fields = new ArrayList<>(NEW_RULE.fields());
        fields.add(may(
                "functions",
                new Schema.ListOf(
                        "functions that the rule calls and that are not saved yet",
                        functions,
                        Functions.PER_TENANT_MAX)));
        fields.add(may(
                "tables",
                new Schema.ListOf(
                        "names of tables that the rule looks into and that are not saved yet",
                        Schema.name("a table", 63),
                        LookupTables.PER_TENANT_MAX)));
        return new Schema.Obj("RuleToCheck", "The text of a rule, and functions that come with it.", fields);
    }

    static final Schema.Obj LIST = new Schema.Obj(
            "Rules",
            "All of the tenant's by name.",
            List.of(must("rules", new Schema.ListOf("each of them", RULE, RuleStore.PER_TENANT_MAX))));

    static final Schema.Obj STATE_BODY = new Schema.Obj("RuleState", "What a rule does.", List.of(may("state", STATE)));

    static final Schema.Obj CHECKED = new Schema.Obj(
            "RuleCheck",
            "Whether a rule can run.",
            List.of(
                    must("good", new Schema.Flag("whether it can")),
                    may("topics", new Schema.ListOf("what it listens to", Schema.text("a filter", 65_535), 1000)),
                    may(
                            "warnings",
                            new Schema.ListOf(
                                    "what is most likely not meant, though it can run",
                                    Schema.text("with its place", 10_000),
                                    1000)),
                    may("field", Schema.text("what is wrong: sql, sqlVersion, zone or actions", 20)),
                    may("line", new Schema.Whole("of the statement, from 1", 0, Integer.MAX_VALUE)),
                    may("column", new Schema.Whole("from 1", 0, Integer.MAX_VALUE)),
                    may("message", Schema.text("what is wrong and what was expected", 10_000)),
                    may("suggestion", Schema.text("what may have been meant", 1000))));

    static final Schema.Obj VERSIONS = new Schema.Obj(
            "RuleVersions",
            "The last fifty texts of a rule, the newest first.",
            List.of(must(
                    "versions",
                    new Schema.ListOf(
                            "each of them",
                            new Schema.Obj(
                                    "RuleVersion",
                                    "A text that a rule had.",
                                    List.of(
                                            must("version", new Schema.Whole("its number", 1, Integer.MAX_VALUE)),
                                            must("sql", SQL),
                                            must("sqlVersion", VERSION),
                                            must("zone", ZONE),
                                            must("description", DESCRIPTION),
                                            must("actions", ACTIONS),
                                            must("savedAt", new Schema.Moment("when it became the current one")),
                                            must("savedBy", Schema.text("who did that", 300)))),
                            RuleStore.VERSIONS_MAX))));

    static final Schema.Obj FAILURE = new Schema.Obj(
            "RuleFailure",
            "What a rule could not do, and the message that it was about.",
            List.of(
                    must("at", new Schema.Moment("when, by the clock of the stream")),
                    must("what", Schema.text("what happened", 10_000)),
                    must("topic", Schema.text("of the message, or empty", 65_535)),
                    must("device", Schema.text("of the message, or empty", 200)),
                    must("payload", Schema.text("the message's beginning", 4096))));

    static final Schema.Obj LOG = new Schema.Obj(
            "RuleLog",
            "The last things that a rule said and failed at, the newest first.",
            List.of(
                    must("figures", FIGURES),
                    must(
                            "said",
                            new Schema.ListOf(
                                    "outputs",
                                    new Schema.Obj(
                                            "RuleSaying",
                                            "An output.",
                                            List.of(
                                                    must("at", new Schema.Moment("when, by the clock of the stream")),
                                                    must("device", Schema.text("which it is about, or empty", 200)),
                                                    must("payload", Schema.text("its beginning", 4096)),
                                                    must("sent", new Schema.Flag("whether it went anywhere")))),
                                    20)),
                    must("failed", new Schema.ListOf("failures", FAILURE, 20))));

    private RuleSchemas() {}
}
