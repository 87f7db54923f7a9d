package tributary.bench;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The figures of one run, as a table for people and as JSON for scripts.
///
/// @param title  profile, protocol and load in one line
/// @param stored what SQL says, or null where the server is not asked
/// @param atRest what files hold, or null where nobody asked
/// @param server what the server used, or null where its process is not known
/// @param flush  nanoseconds that the disk needs for a durable block, or null where not probed
record Report(
        String title,
        LoadRun.Outcome.Ran ran,
        @Nullable Stored stored,
        @Nullable AtRest atRest,
        @Nullable Server server,
        @Nullable Histogram flush) {
    private static final JsonMapper JSON = new JsonMapper();

    /// What the server's tables hold of the run.
    ///
    /// @param messages   different messages whose sequence number SQL shows
    /// @param duplicates rows beyond the first of a message
    /// @param missing    sequence numbers below a device's highest that are not there
    /// @param readings   rows of all sensors
    /// @param lagSeconds from the last acknowledgement until SQL showed them all; empty where it never did
    record Stored(long messages, long duplicates, long missing, long readings, OptionalDouble lagSeconds) {}

    /// What the tenant's Parquet files of readings hold, of this run and of whatever was there before.
    record AtRest(long readings, long bytes) {
        double bytesPerReading() {
            return (double) bytes / Math.max(1, readings);
        }
    }

    /// @param cpuNanos      user and system time during the run
    /// @param residentBytes at the end
    record Server(OptionalLong cpuNanos, OptionalLong residentBytes) {
        static Server since(long pid, long cpuNanosBefore) {
            OptionalLong now = CpuTime.ofProcess(pid);
            OptionalLong used =
                    now.isPresent() ? OptionalLong.of(now.getAsLong() - cpuNanosBefore) : OptionalLong.empty();
            return new Server(used, CpuTime.residentBytes(pid));
        }
    }

    double perSecond() {
        return ran.tally().measured / ran.measuredSeconds();
    }

    long unanswered(boolean answered) {
        return answered ? ran.tally().sent - ran.tally().acknowledged - ran.tally().refused : 0;
    }

    /// @return whether everything that was acknowledged is stored exactly once, as far as the server was
    ///         asked
    boolean good(boolean answered) {
        Tally tally = ran.tally();
        if (stored == null) {
            return tally.lost == 0 && tally.refused == 0 && unanswered(answered) == 0;
        }
        long most = answered ? tally.acknowledged + unanswered(true) : tally.sent;
        boolean enough = !answered || stored.messages() >= tally.acknowledged;
        return enough && stored.messages() <= most && stored.duplicates() == 0;
    }

    String table(boolean answered) {
        Tally tally = ran.tally();
        StringBuilder out = new StringBuilder();
        out.append("  ").append(title).append("\n\n");
        line(out, "sent", "%,d", tally.sent);
        if (answered) {
            line(out, "acknowledged", "%,d", tally.acknowledged);
            line(out, "refused", "%,d", tally.refused);
            line(out, "unanswered", "%,d", unanswered(true));
        }
        if (stored != null) {
            line(out, "stored", "%,d messages, %,d readings", stored.messages(), stored.readings());
            line(out, "duplicated", "%,d", stored.duplicates());
            line(out, "missing", "%,d", stored.missing());
            if (stored.lagSeconds().isPresent()) {
                line(
                        out,
                        "queryable",
                        "all of them %.2f s after the last answer",
                        stored.lagSeconds().getAsDouble());
            } else {
                line(out, "queryable", "not all within the limit (--visible-within)");
            }
        }
        if (atRest != null) {
            line(
                    out,
                    "at rest",
                    "%.2f bytes a reading, of %,d in Parquet files",
                    atRest.bytesPerReading(),
                    atRest.readings());
        }
        line(out, "rate", "%,.0f messages/s over %.1f s", perSecond(), ran.measuredSeconds());
        if (answered) {
            line(out, "latency", "%s", percentiles(tally.latencyNanos));
        }
        line(out, "generator", "%.2f us CPU a message", ran.clientCpuNanos() / 1e3 / Math.max(1, tally.sent));
        if (server != null && server.cpuNanos().isPresent()) {
            line(out, "server", "%.2f us CPU a message", server.cpuNanos().getAsLong() / 1e3 / Math.max(1, tally.sent));
        }
        if (server != null && server.residentBytes().isPresent()) {
            line(out, "server memory", "%,d MB resident", server.residentBytes().getAsLong() >> 20);
        }
        if (flush != null) {
            line(out, "bare flush", "%s   (4 KiB, one after the other, same file system)", percentiles(flush));
        }
        if (tally.lost > 0) {
            line(out, "lost", "%,d connections", tally.lost);
        }
        tally.reasons.forEach((why, count) -> line(out, "", "%,d x %s", count, why));
        return out.toString();
    }

    String json(boolean answered) {
        Tally tally = ran.tally();
        ObjectNode json = JSON.createObjectNode();
        json.put("title", title);
        json.put("good", good(answered));
        json.put("sent", tally.sent);
        json.put("acknowledged", tally.acknowledged);
        json.put("refused", tally.refused);
        json.put("unanswered", unanswered(answered));
        json.put("lostConnections", tally.lost);
        json.put("messagesPerSecond", perSecond());
        json.put("measuredSeconds", ran.measuredSeconds());
        json.put("generatorCpuMicrosPerMessage", ran.clientCpuNanos() / 1e3 / Math.max(1, tally.sent));
        if (answered) {
            json.set("latencyMillis", percentilesJson(tally.latencyNanos));
        }
        if (stored != null) {
            json.put("stored", stored.messages());
            json.put("storedReadings", stored.readings());
            json.put("duplicated", stored.duplicates());
            json.put("missing", stored.missing());
            json.put("queryable", stored.lagSeconds().isPresent());
            stored.lagSeconds().ifPresent(seconds -> json.put("queryLagSeconds", seconds));
        }
        if (atRest != null) {
            json.put("readingsAtRest", atRest.readings());
            json.put("bytesPerReading", atRest.bytesPerReading());
        }
        if (server != null) {
            server.cpuNanos()
                    .ifPresent(nanos -> json.put("serverCpuMicrosPerMessage", nanos / 1e3 / Math.max(1, tally.sent)));
            server.residentBytes().ifPresent(bytes -> json.put("serverResidentBytes", bytes));
        }
        if (flush != null) {
            json.set("bareFlushMillis", percentilesJson(flush));
        }
        ObjectNode reasons = json.putObject("reasons");
        tally.reasons.forEach(reasons::put);
        return json.toString();
    }

    private static void line(StringBuilder out, String name, String format, Object... values) {
        out.append("  %-14s ".formatted(name))
                .append(String.format(Locale.ROOT, format, values))
                .append('\n');
    }

    static String percentiles(Histogram nanos) {
        return String.format(
                Locale.ROOT,
                "p50 %.2f  p90 %.2f  p99 %.2f  p99.9 %.2f  max %.2f ms",
                nanos.getValueAtPercentile(50) / 1e6,
                nanos.getValueAtPercentile(90) / 1e6,
                nanos.getValueAtPercentile(99) / 1e6,
                nanos.getValueAtPercentile(99.9) / 1e6,
                nanos.getMaxValue() / 1e6);
    }

    private static ObjectNode percentilesJson(Histogram nanos) {
        ObjectNode json = JSON.createObjectNode();
        Map<String, Double> wanted = new TreeMap<>(Map.of("p50", 50.0, "p90", 90.0, "p99", 99.0, "p99.9", 99.9));
        wanted.forEach((name, percent) -> json.put(name, nanos.getValueAtPercentile(percent) / 1e6));
        json.put("max", nanos.getMaxValue() / 1e6);
        return json;
    }
}
