package tributary.query.worker;

import java.util.ArrayList;
import java.util.List;
import tributary.lake.Side;
import tributary.query.wire.Tables;

/// Views that a statement gets of its own, over the files that it needs: of readings, where its plan says which these
/// are, and of all tables whose files are elsewhere until a statement asks for them.
final class OwnTables {
    /// The statement's own view of readings.
    static final String READINGS = "temp.readings";

    private static final String VIEW = "CREATE OR REPLACE TEMP VIEW ";

    private OwnTables() {}

    /// @return the statement that makes it of a relation
    static String readings(String relation) {
        return VIEW + "readings AS " + relation;
    }

    /// @return files that the statement may read and that are elsewhere
    static List<String> files(Tables tables, Uses uses, ReadPlan plan) {
        List<String> files = new ArrayList<>();
        if (uses.reads("readings")) {
            tables.readings().stream().filter(plan::needs).forEach(file -> files.add(file.path()));
        }
        for (Side side : Side.values()) {
            if (uses.reads(side.table())) {
                files.addAll(tables.side(side.ordinal()).files());
            }
        }
        return files;
    }

    /// @return statements that make views of the tables beside readings
    static List<String> sides(Feed feed, Tables tables, Uses uses) {
        List<String> views = new ArrayList<>();
        for (Side side : Side.values()) {
            if (uses.reads(side.table())) {
                views.add(VIEW + side.table() + " AS " + feed.side(side, tables));
            }
        }
        return views;
    }
}
