package tributary.query.worker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tributary.lake.Side;
import tributary.query.wire.Tables;

/// Views that a statement gets of its own, over the files that it needs: of readings, where its plan says which these
/// are, and of all tables whose files are elsewhere until a statement asks for them.
final class OwnTables {
    /// The statement's own view of readings.
    static final String READINGS = "temp.readings";

    /// With fewer files a plan costs more than it saves.
    private static final int FILES_LEAST = 8;

    private static final String VIEW = "CREATE OR REPLACE TEMP VIEW ";

    private OwnTables() {}

    /// @return the statement that makes it of a relation
    static String readings(String relation) {
        return VIEW + "readings AS " + relation;
    }

    /// @return whether it is worth while to make a plan of which files of a table are needed
    private static boolean pays(List<Tables.Sealed> files, Tables tables) {
        return files.size() >= FILES_LEAST || !files.isEmpty() && tables.remote();
    }

    /// @return whether a plan says which files of readings the statement needs
    static boolean planned(Tables tables, Uses uses) {
        return uses.reads("readings") && pays(tables.readings(), tables);
    }

    /// @return the tables beside readings of which a plan says that
    static List<Side> plannedSides(Tables tables, Uses uses) {
        return Arrays.stream(Side.values())
                .filter(side -> uses.reads(side.table())
                        && pays(tables.side(side.ordinal()).files(), tables))
                .toList();
    }

    /// @return statements that make views which look like the tables, for a plan only
    static List<String> standIns(Feed feed, Tables tables, Uses uses) {
        List<String> views = new ArrayList<>();
        if (planned(tables, uses)) {
            views.add(readings(ReadPlan.relation()));
        }
        SlotTables.used(uses).forEach(table -> views.add(SlotTables.standIn(table)));
        plannedSides(tables, uses).forEach(side -> views.add(VIEW + side.table() + " AS " + feed.standIn(side)));
        return views;
    }

    /// @return files that the statement may read and that are elsewhere
    static List<String> files(Tables tables, Uses uses, ReadPlan plan) {
        List<String> files = new ArrayList<>();
        if (uses.reads("readings")) {
            tables.readings().stream()
                    .filter(file -> plan.needs("readings", file))
                    .forEach(file -> files.add(file.path()));
        }
        for (Side side : Side.values()) {
            if (uses.reads(side.table())) {
                tables.side(side.ordinal()).files().stream()
                        .filter(file -> plan.needs(side.table(), file))
                        .forEach(file -> files.add(file.path()));
            }
        }
        return files;
    }

    /// @return statements that make views of the tables beside readings, of the files that are needed; where files are
    /// elsewhere, of all that the statement reads
    static List<String> sides(Feed feed, Tables tables, Uses uses, ReadPlan plan) {
        List<String> views = new ArrayList<>();
        List<Side> planned = plannedSides(tables, uses);
        for (Side side : Side.values()) {
            if (planned.contains(side) || tables.remote() && uses.reads(side.table())) {
                views.add(
                        VIEW + side.table() + " AS " + feed.side(side, tables, file -> plan.needs(side.table(), file)));
            }
        }
        return views;
    }
}
