package tributary.rules;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tributary.rules.function.Moments;
import tributary.rules.value.Convert;
import tributary.rules.value.Missing;
import tributary.rules.value.Numbers;

/// Functions that look at more than their arguments: the message around them, the clock, the tenant's zone, the
/// run.
final class ContextFunctions {
    private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final Map<String, Context> ALL = new TreeMap<>();

    private ContextFunctions() {}

    record Context(int min, int max, Body body) {}

    interface Body {
        Object of(Frame frame, Object[] args, RuleOptions options);
    }

    static {
        add("topic", 0, 1, (f, a, _) -> topic(f.message, a));
        add("clientid", 0, 0, (f, _, _) -> named(f.message.client()));
        add("principal", 0, 0, (f, _, _) -> named(f.message.client()));
        alias("username", "principal");
        add("device_id", 0, 0, (f, _, _) -> named(f.message.device()));
        add("peerhost", 0, 0, (f, _, _) -> named(f.message.head().peer()));
        alias("sourceip", "peerhost");
        add("qos", 0, 0, (f, _, _) -> (long) f.message.head().qos());
        add("retain", 0, 0, (f, _, _) -> f.message.head().retain());
        add("msgid", 0, 0, (f, _, _) -> named(f.message.head().id()));
        alias("traceid", "msgid");
        add("tenant", 0, 0, (f, _, _) -> named(f.message.head().tenant()));
        alias("accountid", "tenant");
        add(
                "gateway",
                0,
                0,
                (f, _, _) ->
                        f.message.client().equals(f.message.device()) ? Missing.UNDEFINED : named(f.message.client()));
        add("timestamp", 0, 0, (f, _, _) -> f.message == Frame.NOTHING ? (Object) f.now : f.message.arrivalMillis());
        add("event_time", 0, 0, (f, _, _) -> f.time);
        add("now", 0, 0, (f, _, _) -> f.now);
        add(
                "user_property",
                1,
                1,
                (f, a, _) -> a[0] instanceof String name && f.message.userProperty(name) instanceof String value
                        ? value
                        : Missing.UNDEFINED);
        add(
                "get_user_properties",
                1,
                1,
                (f, a, _) -> a[0] instanceof String name ? f.message.userProperties(name) : Missing.UNDEFINED);
        add("get_mqtt_property", 1, 1, (f, a, _) -> property(f.message, a[0]));
        add(
                "content_type",
                0,
                0,
                (f, _, _) -> named(f.message.head().properties().contentType()));
        add("payload_size", 0, 0, (f, _, _) -> (long) f.message.bytes().length);
        add("rule_id", 0, 0, (_, _, o) -> named(o.ruleId()));
        add("sql_version", 0, 0, (_, _, o) -> o.sqlVersion());
        add(
                "device",
                1,
                1,
                (f, a, o) ->
                        a[0] instanceof String name ? o.lookups().device(f.message.device(), name) : Missing.UNDEFINED);
        add("rand", 0, 0, (f, _, _) -> Numbers.of((f.run.random() >>> 11) * 0x1.0p-53));
        add("newuuid", 0, 0, (f, _, _) -> uuid(f.run));
        add("ulid", 0, 0, (f, _, _) -> ulid(f));
        add("kv_get", 1, 1, (f, a, _) -> a[0] instanceof String key ? f.run.stored(key) : Missing.UNDEFINED);
        add("kv_put", 2, 2, (f, a, _) -> {
            if (a[0] instanceof String key) {
                f.run.store(key, a[1]);
            }
            return a[1];
        });
        add("hit_count", 0, 0, (f, _, _) -> f.run.hits);
        add("hit_time", 0, 0, (f, _, _) -> f.run.hits == 0 ? Missing.UNDEFINED : (Object) f.run.lastHitMillis);
        calendar("hour", at -> at.getHour());
        calendar("minute", at -> at.getMinute());
        calendar("second", at -> at.getSecond());
        calendar("day_of_week", at -> at.getDayOfWeek().getValue());
        calendar("day_of_month", at -> at.getDayOfMonth());
        calendar("day_of_year", at -> at.getDayOfYear());
        calendar("month", at -> at.getMonthValue());
        calendar("year", at -> at.getYear());
        calendar("hour_of_week", at -> (at.getDayOfWeek().getValue() - 1) * 24 + at.getHour());
        add("is_workday", 0, 2, (f, a, o) -> {
            ZonedDateTime at = moment(f, a, o);
            return at == null ? Missing.UNDEFINED : (Object) (at.getDayOfWeek().compareTo(DayOfWeek.FRIDAY) <= 0);
        });
        add("bucket", 2, 3, (f, a, o) -> {
            Long at = Moments.of(a[0]);
            Long size = Convert.whole(a[1]);
            ZoneId zone = a.length < 3 ? o.zone() : a[2] instanceof String name ? Moments.zone(name) : null;
            return at == null || size == null || size <= 0 || zone == null
                    ? Missing.UNDEFINED
                    : (Object) Calendar.start(at, size, 0, zone);
        });
    }

    static Map<String, Context> known() {
        return ALL;
    }

    private static void add(String name, int min, int max, Body body) {
        ALL.put(name, new Context(min, max, body));
    }

    private static void alias(String alias, String name) {
        Context known = ALL.get(name);
        if (known != null) {
            ALL.put(alias, known);
        }
    }

    private interface OfDate {
        long of(ZonedDateTime at);
    }

    /// A part of a date: of the message's time, or of a moment given; in the tenant's zone, or one given.
    private static void calendar(String name, OfDate part) {
        add(name, 0, 2, (f, a, o) -> {
            ZonedDateTime at = moment(f, a, o);
            return at == null ? Missing.UNDEFINED : (Object) part.of(at);
        });
    }

    private static @Nullable ZonedDateTime moment(Frame f, Object[] a, RuleOptions o) {
        boolean onlyZone =
                a.length == 1 && a[0] instanceof String name && Moments.zone(name) != null && Moments.of(name) == null;
        Long at = a.length == 0 || onlyZone ? (Long) f.time : Moments.of(a[0]);
        Object named = onlyZone ? a[0] : a.length > 1 ? a[1] : o.zone().getId();
        ZoneId zone = named instanceof String name ? Moments.zone(name) : null;
        return at == null || zone == null ? null : Instant.ofEpochMilli(at).atZone(zone);
    }

    private static Object named(String text) {
        return text.isEmpty() ? Missing.UNDEFINED : text;
    }

    private static Object topic(StreamMessage message, Object[] a) {
        String topic = message.topic().value();
        if (a.length == 0) {
            return topic;
        }
        Long wanted = Convert.whole(a[0]);
        if (wanted == null || wanted < 1) {
            return Missing.UNDEFINED;
        }
        int start = 0;
        for (long level = 1; level < wanted; level++) {
            int slash = topic.indexOf('/', start);
            if (slash < 0) {
                return Missing.UNDEFINED;
            }
            start = slash + 1;
        }
        int end = topic.indexOf('/', start);
        return topic.substring(start, end < 0 ? topic.length() : end);
    }

    private static Object property(StreamMessage message, Object name) {
        return switch (String.valueOf(name)) {
            case "content_type" -> named(message.head().properties().contentType());
            case "response_topic" -> named(message.head().properties().responseTopic());
            case "format_indicator" -> message.head().properties().utf8() ? "UTF8_DATA" : "UNSPECIFIED_BYTES";
            case "correlation_data" -> {
                byte[] data = message.head().properties().correlationData();
                yield data.length == 0 ? Missing.UNDEFINED : data;
            }
            default -> Missing.UNDEFINED;
        };
    }

    private static String uuid(RunState run) {
        long high = run.random() & 0xFFFF_FFFF_FFFF_0FFFL | 0x4000;
        long low = run.random() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
        return new UUID(high, low).toString();
    }

    private static String ulid(Frame f) {
        StringBuilder out = new StringBuilder(26);
        for (int shift = 45; shift >= 0; shift -= 5) {
            out.append(CROCKFORD.charAt((int) (f.time >>> shift & 31)));
        }
        for (int i = 0; i < 2; i++) {
            long bits = f.run.random();
            for (int shift = 35; shift >= 0; shift -= 5) {
                out.append(CROCKFORD.charAt((int) (bits >>> shift & 31)));
            }
        }
        return out.toString();
    }
}
