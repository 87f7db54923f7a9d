package tributary.broker;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.PlatformException;
import tributary.model.TenantId;
import tributary.model.Topic;
import tributary.model.TopicFilter;
import tributary.registry.Principal;

/// Reads back what [ChangeWriter] wrote.
final class ChangeReader {
    private static final Message.Origin[] ORIGINS = Message.Origin.values();
    private static final Window.State[] STATES = Window.State.values();

    private final byte[] bytes;
    private int at = 1;

    /// @throws PlatformException with `DATA_FOLDER` where a newer version wrote it
    ChangeReader(byte[] bytes) {
        this.bytes = bytes;
        if (bytes.length == 0 || bytes[0] != ChangeWriter.VERSION) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "the journal of sessions was written by another version of Tributary; start that version, or"
                            + " delete the folder `sessions` to begin without sessions");
        }
    }

    boolean hasNext() {
        return at < bytes.length;
    }

    Change next() {
        int kind = count();
        int number = count();
        return switch (kind) {
            case 1 -> state(number, false, false); // before there was a list of wills that are due
            case 17 -> state(number, true, false); // before it was told where a subscription was raised
            case 19 -> state(number, true, true);
            case 2 ->
                new Change.Attached(
                        number, new TenantId(text()), text(), text(), text(), number(), count(), will(), positions());
            case 3 -> new Change.Detached(number, number(), number(), flag());
            case 4 -> new Change.Ended(number);
            case 5 -> new Change.Subscribed(number, listening(false));
            case 18 -> new Change.Subscribed(number, listening(true));
            case 6 -> new Change.Unsubscribed(number, key());
            case 7 -> sent(number);
            case 8 -> new Change.Received(number, count());
            case 9 -> new Change.Completed(number, count(), count(), number());
            case 10 -> new Change.Released(number, taken());
            case 11 -> new Change.WillSettled(number, count());
            case 12 -> new Change.Progress(positions(), positions());
            case 13 -> new Change.GroupState(new TenantId(text()), key(), list(this::entry), positions(), number == 1);
            case 14 -> kept();
            case 15 -> new Change.Returned(number, count(), count(), number(), key());
            case 16 -> new Change.WillDue(number, dueWill());
            case 21 -> new Change.Erased(new TenantId(text()), text(), positions());
            case 20 -> new Change.Spent(new TenantId(text()), key(), count(), number(), number == 1);
            default ->
                throw new PlatformException(
                        Fault.DATA_DAMAGED,
                        "the journal of sessions has an entry of kind " + kind + ", which does not exist");
        };
    }

    private Change state(int number, boolean withDue, boolean withRaised) {
        return new Change.State(
                number,
                new TenantId(text()),
                text(),
                text(),
                text(),
                number(),
                flag(),
                number(),
                count(),
                will(),
                withDue ? list(this::dueWill) : List.of(),
                positions(),
                list(() -> listening(withRaised)),
                list(() -> sent(number)),
                list(this::taken),
                list(this::taken),
                list(this::entry),
                positions());
    }

    private Change kept() {
        TenantId tenant = new TenantId(text());
        String device = text();
        Message message = new Message(
                tenant,
                device.isEmpty() ? null : new DeviceId(device),
                new Topic(text()),
                blob(),
                number(),
                ORIGINS[count()],
                text(),
                count(),
                true,
                properties());
        return new Change.Kept(message, count(), number());
    }

    private Change.Listening listening(boolean withRaised) {
        Subscription.Key key = key();
        Subscription subscription = new Subscription(key.share(), key.filter(), count(), flag(), flag(), count());
        long[] from = positions();
        return new Change.Listening(subscription, new Since(from, withRaised ? positions() : from));
    }

    private Subscription.Key key() {
        return new Subscription.Key(text(), new TopicFilter(text()));
    }

    private Change.Sent sent(int number) {
        return new Change.Sent(
                number, count(), count(), STATES[count()], flag(), count(), number(), flag() ? key() : null);
    }

    private Change.Taken taken() {
        return new Change.Taken(count(), count(), number());
    }

    private Backlog.Entry entry() {
        return new Backlog.Entry(count(), number(), count());
    }

    private Will dueWill() {
        return Objects.requireNonNull(will(), "will");
    }

    private @Nullable Will will() {
        if (!flag()) {
            return null;
        }
        return new Will(principal(), text(), text(), blob(), count(), flag(), properties(), number(), count());
    }

    private Principal principal() {
        TenantId tenant = new TenantId(text());
        String subject = text();
        Principal.Kind kind = Principal.Kind.values()[count()];
        String device = text();
        Principal.Role role = Principal.Role.values()[count()];
        Set<TopicFilter> publish = filters();
        Set<TopicFilter> subscribe = filters();
        long expiresAt = number();
        return new Principal(
                tenant,
                subject,
                kind,
                device.isEmpty() ? null : new DeviceId(device),
                role,
                publish,
                subscribe,
                expiresAt == 0 ? null : Instant.ofEpochMilli(expiresAt),
                text());
    }

    private Set<TopicFilter> filters() {
        return new HashSet<>(list(() -> new TopicFilter(text())));
    }

    private MessageProperties properties() {
        if (!flag()) {
            return MessageProperties.NONE;
        }
        return new MessageProperties(
                text(), text(), blob(), number() - 1, flag(), list(() -> new UserProperty(text(), text())));
    }

    private long[] positions() {
        long[] positions = new long[count()];
        for (int i = 0; i < positions.length; i++) {
            positions[i] = number();
        }
        return positions;
    }

    private <T> List<T> list(Supplier<T> item) {
        int size = count();
        List<T> items = new ArrayList<>(Math.min(size, 1024));
        for (int i = 0; i < size; i++) {
            items.add(item.get());
        }
        return items;
    }

    private boolean flag() {
        return number() != 0;
    }

    private int count() {
        return (int) number();
    }

    private long number() {
        long number = Varints.get(bytes, at);
        at = Varints.end(bytes, at);
        return number;
    }

    private String text() {
        int length = count();
        String text = new String(bytes, at, length, StandardCharsets.UTF_8);
        at += length;
        return text;
    }

    private byte[] blob() {
        int length = count();
        byte[] blob = Arrays.copyOfRange(bytes, at, at + length);
        at += length;
        return blob;
    }
}
