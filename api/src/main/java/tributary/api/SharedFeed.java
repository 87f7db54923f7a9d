package tributary.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Wish.Latest;
import tributary.decode.Decoder;
import tributary.log.Log;
import tributary.model.Message;
import tributary.model.TenantId;

/// Everything that one client wants to follow, in one stream. Each event says in `for` which wishes it fulfils, by
/// their places in the list. Of one stream's thread.
final class SharedFeed implements LiveStream.Feed {
    private static final Duration PATIENCE = Duration.ofMillis(200);

    /// How often the client is told where it would go on, even where nothing happens.
    private static final long WHERE_MILLIS = 5_000;

    private final List<Wish> wishes;
    private final Decoder decoder;
    private final LongSupplier millis;
    private final Map<String, Beside> besides = new HashMap<>();
    private final List<LatestFeed> latest = new ArrayList<>();
    private long toldMillis = Long.MIN_VALUE;

    /// Lines that are numbered and not in the log, and the number up to which the client has them.
    private static final class Beside {
        private final Numbered.Source source;
        private final ArrayNode places;
        private long number;

        Beside(Numbered.Source source, ArrayNode places, long number) {
            this.source = source;
            this.places = places;
            this.number = number;
        }
    }

    /// @param millis the time
    SharedFeed(List<Wish> wishes, Decoder decoder, LongSupplier millis) {
        this.wishes = List.copyOf(wishes);
        this.decoder = decoder;
        this.millis = millis;
    }

    /// Adds lines of events that are called `event`, behind `number`.
    void beside(String event, Numbered.Source source, Class<? extends Wish> kind, long number) {
        besides.put(event, new Beside(source, places(kind::isInstance), number));
    }

    /// Adds last values for every wish of that kind.
    void latest(LatestFeed.Known known, TenantId tenant) {
        for (int place = 0; place < wishes.size(); place++) {
            if (wishes.get(place) instanceof Latest wish) {
                latest.add(new LatestFeed(known, tenant, wish, place));
            }
        }
    }

    /// @return the partitions of the log that some wish is about
    int[] partitions(Log log) {
        TreeSet<Integer> all = new TreeSet<>();
        for (Wish wish : wishes) {
            Selection selection = selection(wish);
            if (selection != null) {
                Arrays.stream(selection.partitions(log)).forEach(all::add);
            }
        }
        return all.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public String event() {
        return "shared";
    }

    @Override
    public String beside() {
        StringBuilder text = new StringBuilder();
        new TreeSet<>(besides.keySet()).forEach(event -> {
            Beside beside = besides.get(event);
            text.append(';').append(event).append('=').append(beside == null ? 0 : beside.number);
        });
        return text.toString();
    }

    @Override
    public Duration patience() {
        return PATIENCE;
    }

    @Override
    public void show(int partition, long position, Message message, LiveStream.Out out) {
        ArrayNode messages = places(wish -> wish instanceof Wish.Messages(Selection of) && of.includes(message));
        if (!messages.isEmpty()) {
            out.event("message", marked(messages, Recorded.json(partition, position, message)));
        }
        ArrayNode values = places(wish -> wish instanceof Wish.Values(Selection of) && of.includes(message));
        ObjectNode said = values.isEmpty() ? null : ValuesFeed.values(decoder, partition, position, message);
        if (said != null) {
            out.event("values", marked(values, said));
        }
    }

    @Override
    public void look(LiveStream.Out out) {
        long now = millis.getAsLong();
        besides.forEach((event, beside) -> {
            Numbered.Seen seen = beside.source.behind(beside.number);
            for (Numbered.Line line : seen.lines()) {
                beside.number = line.number();
                out.event(event, marked(beside.places, line.json()));
            }
            beside.number = Math.max(beside.number, seen.reached());
        });
        latest.forEach(feed -> feed.look(now, out));
        if (now - WHERE_MILLIS >= toldMillis) {
            toldMillis = now;
            out.event("at", Json.object());
        }
    }

    private ArrayNode places(Predicate<Wish> which) {
        ArrayNode places = Json.array();
        IntStream.range(0, wishes.size())
                .filter(place -> which.test(wishes.get(place)))
                .forEach(places::add);
        return places;
    }

    private static ObjectNode marked(ArrayNode places, ObjectNode event) {
        event.set("for", places);
        return event;
    }

    private static @Nullable Selection selection(Wish wish) {
        return switch (wish) {
            case Wish.Messages(Selection of) -> of;
            case Wish.Values(Selection of) -> of;
            case Wish.Latest _, Wish.Alerts _, Wish.Attempts _ -> null;
        };
    }
}
