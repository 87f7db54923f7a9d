package tributary.query.worker;

import java.util.ArrayList;
import java.util.List;
import tributary.lake.Side;
import tributary.query.wire.Tables;

/// Tables whose files are elsewhere until a query asks for them: which files a statement needs, and the views that it
/// gets of its own once they are here.
final class RemoteTables {
    /// The statement's own view of readings.
    static final String READINGS = "temp.readings";

    private RemoteTables() {}

    /// @return files that the statement may read
    static List<String> files(Tables tables, Uses uses) {
        List<String> files = new ArrayList<>();
        if (uses.reads("readings")) {
            tables.readings().forEach(file -> files.add(file.path()));
        }
        for (Side side : Side.values()) {
            if (uses.reads(side.table())) {
                files.addAll(tables.side(side.ordinal()).files());
            }
        }
        return files;
    }

    /// @return statements that make the views
    static List<String> views(Feed feed, Tables tables, Uses uses) {
        List<String> views = new ArrayList<>();
        if (uses.reads("readings")) {
            views.add("CREATE OR REPLACE TEMP VIEW readings AS " + Feed.readings(tables, _ -> true));
        }
        for (Side side : Side.values()) {
            if (uses.reads(side.table())) {
                views.add("CREATE OR REPLACE TEMP VIEW " + side.table() + " AS " + feed.side(side, tables));
            }
        }
        return views;
    }
}
