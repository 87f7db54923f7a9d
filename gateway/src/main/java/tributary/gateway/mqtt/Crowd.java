package tributary.gateway.mqtt;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Holds every address to its share of the door, before anything else is spent on a connection.
///
/// A table of fixed size, so that strangers cannot make it grow: an address has the place that a seeded hash gives it,
/// and the few that meet in one place share what one may have. An IPv6 client counts by its /64, which is what one
/// subscriber gets. Used from all event loops.
final class Crowd {
    private static final Logger LOG = LoggerFactory.getLogger("tributary.mqtt");

    /// Three numbers for each place: 20 bytes, 1.3 MB in all.
    private static final int PLACES = 1 << 16;

    private static final long SECOND_NANOS = 1_000_000_000L;
    private static final long LOG_EVERY_NANOS = 60 * SECOND_NANOS;

    /// Sign-ins of an address that may fail before the answers get slower.
    private static final int FREE_FAILURES = 5;

    private static final int FIRST_DELAY_MILLIS = 100;

    /// Less than a client waits for its CONNACK.
    static final int DELAY_MILLIS_MAX = 5_000;

    private static final int FAILURES_MAX = 0xFFFF;
    private static final int FAILURES_BITS = 16;
    private static final int SLASH_64_BYTES = 8;
    private static final int NOWHERE = -1;

    private final CrowdSettings settings;
    private final long seed;
    private final LongSupplier nanos;
    private final long startedNanos;
    private final AtomicIntegerArray connections = new AtomicIntegerArray(PLACES);

    /// When the allowance of attempts is used up, in nanoseconds since start (the generic cell rate algorithm).
    private final AtomicLongArray usedUpAtNanos = new AtomicLongArray(PLACES);

    /// Failed sign-ins in the low bits, and above them the second since start in which the last one was.
    private final AtomicLongArray failures = new AtomicLongArray(PLACES);

    private final LongAdder closed = new LongAdder();
    private final AtomicLong loggedNanos = new AtomicLong(-LOG_EVERY_NANOS);

    /// @param seed  of the hash; secret, so that nobody can aim at the place of somebody else
    /// @param nanos a clock that never goes back
    Crowd(CrowdSettings settings, long seed, LongSupplier nanos) {
        this.settings = settings;
        this.seed = seed;
        this.nanos = nanos;
        this.startedNanos = nanos.getAsLong();
    }

    /// What one connection has taken of the share of its address.
    ///
    /// @param place where it is counted, or -1 where it is not
    record Ticket(int place) {}

    /// @return null where the address has had its share; else to be given back when the connection ends
    @Nullable
    Ticket enter(@Nullable SocketAddress remote) {
        int place = place(remote);
        if (place == NOWHERE) {
            return new Ticket(NOWHERE);
        }
        if (!attempt(place)) {
            refused(
                    remote,
                    "it knocks more than " + settings.perSecond() + " times a second (mqtt.attempts-per-address)");
            return null;
        }
        if (connections.incrementAndGet(place) > settings.connections()) {
            connections.decrementAndGet(place);
            refused(remote, "it has " + settings.connections() + " connections (mqtt.connections-per-address)");
            return null;
        }
        return new Ticket(place);
    }

    void leave(Ticket ticket) {
        if (ticket.place() != NOWHERE) {
            connections.decrementAndGet(ticket.place());
        }
    }

    private boolean attempt(int place) {
        long now = sinceStart();
        long interval = SECOND_NANOS / settings.perSecond();
        while (true) {
            long before = usedUpAtNanos.get(place);
            long after = Math.max(before, now) + interval;
            if (after > now + SECOND_NANOS) {
                return false;
            }
            if (usedUpAtNanos.compareAndSet(place, before, after)) {
                return true;
            }
        }
    }

    /// Notes that a sign-in failed.
    ///
    /// Only failing ones wait: behind one address there may be a whole site, and one of its devices with a
    /// wrong token must not keep the others out. A minute without failure halves the count.
    ///
    /// @return milliseconds that the refusal is to wait: none for the first few, then twice as long each time
    int failed(@Nullable SocketAddress remote) {
        int place = place(remote);
        if (place == NOWHERE) {
            return 0;
        }
        long second = sinceStart() / SECOND_NANOS;
        long before;
        long count;
        do {
            before = failures.get(place);
            long minutes = Math.max(0, second - (before >> FAILURES_BITS)) / 60;
            count = Math.min(FAILURES_MAX, ((before & FAILURES_MAX) >> Math.min(minutes, FAILURES_BITS)) + 1);
        } while (!failures.compareAndSet(place, before, second << FAILURES_BITS | count));
        long over = count - FREE_FAILURES;
        return over <= 0 ? 0 : (int) Math.min(DELAY_MILLIS_MAX, (long) FIRST_DELAY_MILLIS << Math.min(over - 1, 16));
    }

    /// One line a minute, however many knock.
    private void refused(@Nullable SocketAddress remote, String why) {
        closed.increment();
        long now = sinceStart();
        long last = loggedNanos.get();
        if (now - last >= LOG_EVERY_NANOS && loggedNanos.compareAndSet(last, now)) {
            LOG.warn(
                    "{} connections closed at once for their address, the last from {}: {}; raise the limit where this"
                            + " is a load balancer or a site with many devices",
                    closed.sumThenReset(),
                    remote,
                    why);
        }
    }

    private long sinceStart() {
        return nanos.getAsLong() - startedNanos;
    }

    private int place(@Nullable SocketAddress remote) {
        if (!(remote instanceof InetSocketAddress socket) || socket.getAddress() == null) {
            return NOWHERE;
        }
        InetAddress address = socket.getAddress();
        if (address.isLoopbackAddress() && !settings.loopback()) {
            return NOWHERE;
        }
        byte[] bytes = address.getAddress();
        int length = address instanceof Inet6Address ? SLASH_64_BYTES : bytes.length;
        long hash = seed;
        for (int i = 0; i < length; i++) {
            hash = mix(hash ^ bytes[i] & 0xFF);
        }
        return (int) (hash >>> 48) & PLACES - 1;
    }

    /// Spreads every bit over all of them (the finisher of SplitMix64).
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
