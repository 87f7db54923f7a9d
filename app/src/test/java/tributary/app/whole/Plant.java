package tributary.app.whole;

import org.jspecify.annotations.Nullable;
import tributary.app.server.SinkBug;

/// Faults that are planted to prove that the simulation would find them, and in how many seeds it does.
///
/// Those of a station are its own, behind the switch that its simulation has; the others are put between stations.
///
/// @param first     the seed that the search begins with
/// @param seedsMost within so many seeds it is found
record Plant(Station station, String flaw, int first, int seedsMost) {
    static final Plant NONE = new Plant(Station.NONE, "", 0, 0);

    /// @param text as a line of the table has it: station, fault, first, most
    static Plant of(String text) {
        String[] words = text.strip().split(" +");
        return new Plant(Station.valueOf(words[0]), words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
    }

    /// Where a fault is.
    enum Station {
        NONE,
        LOG,
        JOURNAL,
        BROKER,
        DOOR,
        RULES,
        LAKE,
        SINK
    }

    /// @return the name of the fault of that station, or null
    @Nullable
    String of(Station asked) {
        return station == asked ? flaw : null;
    }

    boolean is(Station at, String name) {
        return station == at && flaw.equals(name);
    }

    SinkBug sinkBug() {
        return station == Station.SINK ? SinkBug.valueOf(flaw) : SinkBug.NONE;
    }

    @Override
    public String toString() {
        return station + " " + flaw;
    }
}
