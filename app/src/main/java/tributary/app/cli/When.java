package tributary.app.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import tools.jackson.databind.JsonNode;

/// A moment in a table: how long ago it was, or how far off it is, for a person; as the server says it for a program.
final class When {
    private static final long DAYS_TOLD_MAX = 60;

    private When() {}

    static String shown(JsonNode moment) {
        String text = moment.asString("");
        return Person.present() ? told(text, InstantSource.system().instant()) : text;
    }

    /// @return `4 min ago`, `in 3 days`, or its day where that is far away; what is no moment stays
    static String told(String moment, Instant now) {
        Instant then;
        try {
            then = Instant.parse(moment);
        } catch (DateTimeParseException e) {
            return moment;
        }
        Duration away = Duration.between(then, now).abs();
        if (away.toDays() > DAYS_TOLD_MAX) {
            return moment.substring(0, moment.indexOf('T'));
        }
        String length = length(away);
        if (length.isEmpty()) {
            return "now";
        }
        return then.isBefore(now) ? length + " ago" : "in " + length;
    }

    private static String length(Duration away) {
        if (away.toDays() >= 2) {
            return away.toDays() + " days";
        }
        if (away.toHours() >= 1) {
            return away.toHours() + " h";
        }
        if (away.toMinutes() >= 1) {
            return away.toMinutes() + " min";
        }
        return away.toSeconds() >= 1 ? away.toSeconds() + " s" : "";
    }
}
