package tributary.app.score;

import java.util.LinkedHashMap;
import java.util.Map;
import tributary.app.Rest;

/// What came out of a trial. All six counters are zero, or the promise is broken.
///
/// @param trial        its name
/// @param sent         messages given to a door
/// @param acknowledged of these, those that were promised
/// @param lost         promised and not stored, as a message or as its reading
/// @param duplicated   stored more often than sent
/// @param outOfOrder   stored before one of its device that was sent earlier
/// @param foreign      something of another tenant's
/// @param corrupt      stored otherwise than sent
/// @param ghost        stored and never sent
/// @param seconds      how long the trial took
/// @param more         what else is worth to know, in order
record Score(
        String trial,
        long sent,
        long acknowledged,
        long lost,
        long duplicated,
        long outOfOrder,
        long foreign,
        long corrupt,
        long ghost,
        long seconds,
        Map<String, Object> more) {

    Score {
        more = new LinkedHashMap<>(more);
    }

    boolean clean() {
        return lost + duplicated + outOfOrder + foreign + corrupt + ghost == 0;
    }

    /// One line of JSON.
    String line() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("trial", trial);
        all.put("sent", sent);
        all.put("acknowledged", acknowledged);
        all.put("lost", lost);
        all.put("duplicated", duplicated);
        all.put("outOfOrder", outOfOrder);
        all.put("foreign", foreign);
        all.put("corrupt", corrupt);
        all.put("ghost", ghost);
        all.put("seconds", seconds);
        all.putAll(more);
        return Rest.JSON.writeValueAsString(all);
    }
}
