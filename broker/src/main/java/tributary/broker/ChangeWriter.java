package tributary.broker;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.model.TopicFilter;
import tributary.registry.Principal;

/// Writes changes one after the other into an array of its own: a byte for the kind, then the fields in order; numbers
/// are varints, texts are UTF-8 after their length. [ChangeReader] is its mirror. For one thread at a time.
///
/// What grows beyond a size becomes several arrays, so that no change is too large for the log: [Pieces] joins them.
final class ChangeWriter {
    static final int VERSION = 1;

    private static final int NUMBER_BYTES_MAX = 10;

    private final int pieceBytesMax;

    /// Pieces that are full.
    private final List<byte[]> full = new ArrayList<>(0);

    private int fullBytes;
    private byte[] bytes = new byte[256];
    private int at;

    /// @param pieceBytesMax of one array; some dozens at least
    ChangeWriter(int pieceBytesMax) {
        this.pieceBytesMax = pieceBytesMax;
        reset();
    }

    boolean isEmpty() {
        return full.isEmpty() && at == Pieces.HEADER_BYTES;
    }

    /// @return bytes of what was written; one of them is the version
    int size() {
        return fullBytes + at - Pieces.HEADER_BYTES + 1;
    }

    /// @return what was written as one record or as pieces of one, and begins anew
    List<byte[]> take() {
        List<byte[]> taken;
        if (full.isEmpty()) {
            bytes[1] = VERSION;
            taken = List.of(Arrays.copyOfRange(bytes, 1, at));
        } else {
            finishPiece();
            full.getFirst()[1] |= Pieces.FIRST;
            full.getLast()[1] |= Pieces.LAST;
            taken = List.copyOf(full);
        }
        full.clear();
        fullBytes = 0;
        reset();
        return taken;
    }

    private void reset() {
        if (bytes.length > 64 * 1024) {
            bytes = new byte[256];
        }
        at = Pieces.HEADER_BYTES;
    }

    private void finishPiece() {
        byte[] piece = Arrays.copyOf(bytes, at);
        piece[0] = Pieces.PIECE;
        piece[1] = 0;
        full.add(piece);
        fullBytes += at - Pieces.HEADER_BYTES;
        at = Pieces.HEADER_BYTES;
    }

    void write(Change change) {
        switch (change) {
            case Change.State state -> state(state);
            case Change.Attached c -> {
                kind(2, c.number());
                text(c.tenant().value());
                text(c.clientId());
                text(c.subject());
                text(c.device());
                number(c.expirySeconds());
                number(c.connection());
                will(c.will());
                positions(c.born());
            }
            case Change.Detached c -> {
                kind(3, c.number());
                number(c.at());
                number(c.expirySeconds());
                flag(c.willing());
            }
            case Change.Ended c -> kind(4, c.number());
            case Change.Subscribed c -> {
                kind(18, c.number());
                listening(c.listening());
            }
            case Change.Unsubscribed c -> {
                kind(6, c.number());
                key(c.key());
            }
            case Change.Sent c -> {
                kind(7, c.number());
                sent(c);
            }
            case Change.Received c -> {
                kind(8, c.number());
                number(c.packetId());
            }
            case Change.Completed c -> {
                kind(9, c.number());
                number(c.packetId());
                number(c.partition());
                number(c.position());
            }
            case Change.Returned c -> {
                kind(15, c.number());
                number(c.packetId());
                number(c.partition());
                number(c.position());
                key(c.share());
            }
            case Change.Released c -> {
                kind(10, c.number());
                taken(c.publish());
            }
            case Change.WillSettled c -> {
                kind(11, c.number());
                number(c.connection());
            }
            case Change.WillDue c -> {
                kind(16, c.number());
                will(c.will());
            }
            case Change.Progress c -> {
                kind(12, 0);
                positions(c.offeredTo());
                positions(c.takenTo());
            }
            case Change.GroupState c -> {
                kind(13, c.anew() ? 1 : 0); // it has no number
                text(c.tenant().value());
                key(c.key());
                entries(c.waiting());
                positions(c.offeredTo());
            }
            case Change.Spent c -> {
                kind(20, c.back() ? 1 : 0); // it has no number
                text(c.tenant().value());
                key(c.key());
                number(c.partition());
                number(c.position());
            }
            case Change.Kept c -> kept(c);
            case Change.Erased c -> {
                kind(21, 0);
                text(c.tenant().value());
                text(c.device());
                positions(c.before());
            }
        }
    }

    private void state(Change.State c) {
        kind(19, c.number());
        text(c.tenant().value());
        text(c.clientId());
        text(c.subject());
        text(c.device());
        number(c.expirySeconds());
        flag(c.connected());
        number(c.detachedAt());
        number(c.connection());
        will(c.will());
        number(c.due().size());
        c.due().forEach(this::will);
        positions(c.born());
        number(c.subscriptions().size());
        c.subscriptions().forEach(this::listening);
        number(c.inFlight().size());
        c.inFlight().forEach(this::sent);
        number(c.taken().size());
        c.taken().forEach(this::taken);
        number(c.released().size());
        c.released().forEach(this::taken);
        entries(c.waiting());
        positions(c.offeredTo());
    }

    private void kept(Change.Kept c) {
        kind(14, 0);
        Message message = c.message();
        DeviceId device = message.device();
        text(message.tenant().value());
        text(device == null ? "" : device.value());
        text(message.topic().value());
        blob(message.payload());
        number(message.receivedMicros());
        number(message.origin().ordinal());
        text(message.publisher());
        number(message.qos());
        properties(message.properties());
        number(c.partition());
        number(c.position());
    }

    private void listening(Change.Listening listening) {
        Subscription subscription = listening.subscription();
        key(subscription.key());
        number(subscription.qos());
        flag(subscription.noLocal());
        flag(subscription.retainAsPublished());
        number(subscription.identifier());
        positions(listening.since().from());
        positions(listening.since().raised());
    }

    private void key(Subscription.Key key) {
        text(key.share());
        text(key.filter().value());
    }

    private void sent(Change.Sent sent) {
        number(sent.packetId());
        number(sent.qos());
        number(sent.state().ordinal());
        flag(sent.retained());
        number(sent.partition());
        number(sent.position());
        Subscription.Key share = sent.share();
        flag(share != null);
        if (share != null) {
            key(share);
        }
    }

    private void taken(Change.Taken taken) {
        number(taken.packetId());
        number(taken.partition());
        number(taken.position());
    }

    private void entries(Collection<Backlog.Entry> entries) {
        number(entries.size());
        for (Backlog.Entry entry : entries) {
            number(entry.partition());
            number(entry.position());
            number(entry.bytes());
        }
    }

    private void positions(long[] positions) {
        number(positions.length);
        for (long position : positions) {
            number(position);
        }
    }

    private void will(@Nullable Will will) {
        flag(will != null);
        if (will == null) {
            return;
        }
        principal(will.author());
        text(will.clientId());
        text(will.topic());
        blob(will.payload());
        number(will.qos());
        flag(will.retain());
        properties(will.properties());
        number(will.delaySeconds());
        number(will.number());
    }

    private void principal(Principal principal) {
        DeviceId device = principal.device();
        Instant expiresAt = principal.expiresAt();
        text(principal.tenant().value());
        text(principal.subject());
        number(principal.kind().ordinal());
        text(device == null ? "" : device.value());
        number(principal.role().ordinal());
        filters(principal.publish());
        filters(principal.subscribe());
        number(expiresAt == null ? 0 : expiresAt.toEpochMilli());
        text(principal.credential());
    }

    private void filters(Collection<TopicFilter> filters) {
        number(filters.size());
        filters.forEach(filter -> text(filter.value()));
    }

    private void properties(MessageProperties said) {
        flag(said != MessageProperties.NONE);
        if (said == MessageProperties.NONE) {
            return;
        }
        text(said.contentType());
        text(said.responseTopic());
        blob(said.correlationData());
        number(said.expirySeconds() + 1);
        flag(said.utf8());
        number(said.user().size());
        said.user().forEach(pair -> {
            text(pair.name());
            text(pair.value());
        });
    }

    private void kind(int kind, int number) {
        number(kind);
        number(number);
    }

    private void flag(boolean flag) {
        number(flag ? 1 : 0);
    }

    private void number(long number) {
        reserve(NUMBER_BYTES_MAX);
        at = Varints.put(bytes, at, number);
    }

    private void text(String text) {
        blob(text.getBytes(StandardCharsets.UTF_8));
    }

    private void blob(byte[] blob) {
        number(blob.length);
        for (int from = 0; from < blob.length; ) {
            reserve(Math.min(blob.length - from, NUMBER_BYTES_MAX));
            int count = Math.min(blob.length - from, pieceBytesMax - at);
            reserve(count);
            System.arraycopy(blob, from, bytes, at, count);
            at += count;
            from += count;
        }
    }

    /// Makes room for so many bytes in one array: this one, or a new one where it would grow too large.
    private void reserve(int count) {
        if (at + count > pieceBytesMax) {
            finishPiece();
        }
        if (bytes.length - at < count) {
            bytes = Arrays.copyOf(bytes, Math.min(pieceBytesMax, Math.max(bytes.length * 2, at + count)));
        }
    }
}
