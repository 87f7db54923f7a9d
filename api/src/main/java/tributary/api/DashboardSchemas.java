package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;

import java.util.List;
import tributary.registry.Dashboards;

/// What [DashboardRoutes] takes and answers.
final class DashboardSchemas {
    private static final int COLUMNS = 12;
    private static final int ROWS_MAX = 1000;
    private static final int HEIGHT_MAX = 40;
    private static final int WIDGETS_MAX = 100;
    private static final int VARIABLES_MAX = 10;
    private static final int SENSORS_MAX = 20;

    private static final Schema.Text NAME =
            Schema.name("letters, digits, '.', '_' and '-', beginning with a letter or digit", 100);
    private static final Schema.Text TITLE = Schema.name("for people", 200);
    private static final Schema.Text YAML = Schema.name("the dashboard as YAML", Dashboards.TEXT_BYTES_MAX);
    private static final Schema VERSION = new Schema.Whole("one more with each change", 1, Integer.MAX_VALUE);
    private static final Schema.Text TYPE = Schema.text("only devices of this type", 200);

    private static final Schema.Obj VARIABLE = new Schema.Obj(
            "DashboardVariable",
            "What can be chosen above the dashboard; widgets say $name for it.",
            List.of(
                    must(
                            "name",
                            Schema.shaped(
                                    "lower-case letters, digits and '_', beginning with a letter",
                                    30,
                                    "[a-z][a-z0-9_]*")),
                    must("kind", Schema.oneOf("what it chooses among", "device", "label")),
                    may("title", Schema.text("for people", 200)),
                    may("type", TYPE),
                    may("label", Schema.text("the name of the label whose values are chosen among", 100)),
                    may("value", Schema.text("what it begins with; left out, all", 400))));

    private static final Schema.Obj WIDGET = new Schema.Obj(
            "DashboardWidget",
            "One thing on a dashboard.",
            List.of(
                    must("kind", Schema.oneOf("what it is", "chart", "value", "table", "alarms", "map", "text")),
                    may("title", Schema.text("for people", 200)),
                    must("x", new Schema.Whole("its first column, of 12", 0, COLUMNS - 1)),
                    must("y", new Schema.Whole("its first row", 0, ROWS_MAX)),
                    must("w", new Schema.Whole("columns", 1, COLUMNS)),
                    must("h", new Schema.Whole("rows", 1, HEIGHT_MAX)),
                    may("device", Schema.text("only this device, or $name of a variable", 200)),
                    may("type", TYPE),
                    may("label", Schema.text("only devices with this label, name=value, or $name of a variable", 400)),
                    may(
                            "sensors",
                            new Schema.ListOf("which, in order", Schema.name("a sensor's path", 1000), SENSORS_MAX)),
                    may("text", Schema.text("what a text says", 8000))));

    static final Schema.Obj DASHBOARD = new Schema.Obj(
            "Dashboard",
            "What is shown together.",
            List.of(
                    must("title", TITLE),
                    may(
                            "range",
                            Schema.oneOf(
                                    "the time that is shown at first", "5m", "15m", "1h", "6h", "24h", "7d", "30d")),
                    may("variables", new Schema.ListOf("what can be chosen", VARIABLE, VARIABLES_MAX)),
                    must("widgets", new Schema.ListOf("what is shown", WIDGET, WIDGETS_MAX))));

    static final Schema.Obj KEPT = new Schema.Obj(
            "KeptDashboard",
            "A dashboard of the tenant.",
            List.of(
                    must("name", NAME),
                    must("version", VERSION),
                    must("dashboard", DASHBOARD),
                    must("yaml", YAML),
                    must("savedAt", new Schema.Moment("when it was changed last")),
                    must("savedBy", Schema.text("who did that", 300))));

    static final Schema.Obj PUT = new Schema.Obj(
            "NewDashboard",
            "A dashboard to keep: as JSON or as YAML, one of them.",
            List.of(
                    may("dashboard", DASHBOARD),
                    may("yaml", YAML),
                    may(
                            "version",
                            new Schema.Whole(
                                    "the version that was changed, 0 for none; another one in between refuses the"
                                            + " change; left out, it overrules whatever there is",
                                    0,
                                    Integer.MAX_VALUE))));

    private static final Schema.Obj ENTRY = new Schema.Obj(
            "DashboardEntry",
            "A dashboard in the list, or a version of one.",
            List.of(
                    must("name", NAME),
                    must("title", TITLE),
                    must("version", VERSION),
                    must("savedAt", new Schema.Moment("when it was saved")),
                    must("savedBy", Schema.text("who did that", 300))));

    static final Schema.Obj LIST = new Schema.Obj(
            "DashboardList",
            "All of the tenant's by name.",
            List.of(must("dashboards", new Schema.ListOf("each of them", ENTRY, Dashboards.PER_TENANT_MAX))));

    static final Schema.Obj VERSIONS = new Schema.Obj(
            "DashboardVersions",
            "The newest first.",
            List.of(must("versions", new Schema.ListOf("each of them", ENTRY, Dashboards.VERSIONS_MAX))));

    private DashboardSchemas() {}
}
