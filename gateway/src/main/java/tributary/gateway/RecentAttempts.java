package tributary.gateway;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.DeviceId;
import tributary.model.Micros;
import tributary.model.Quote;
import tributary.model.TenantId;
import tributary.registry.Devices;

/// The attempts log of a process, in memory: a [RecentLines] for each tenant and one for attempts of nobody, and a line
/// in the server's log for what is new, a few of them a second.
///
/// A restart forgets it. What was refused of known devices is in their events as well, which it does not forget.
public final class RecentAttempts implements Attempts {
    private static final Logger LOG = LoggerFactory.getLogger("tributary.refused");
    private static final int LOG_LINES_A_SECOND = 10;
    private static final int SENTENCE_CHARS_MAX = 400;

    private final AttemptSettings settings;
    private final Devices devices;
    private final InstantSource clock;
    private final Consumer<Attempt> shown;
    private final AtomicLong sequence;
    private final RecentLines unclaimed;
    private final Map<TenantId, RecentLines> claimed = new ConcurrentHashMap<>();
    private final Map<Cause, LongAdder> counts = new EnumMap<>(Cause.class);

    /// The second that log lines are counted in, and their number, in one value.
    private final AtomicLong logged = new AtomicLong();

    private final LongAdder withheld = new LongAdder();

    public RecentAttempts(AttemptSettings settings, Devices devices, InstantSource clock) {
        this(settings, devices, clock, _ -> {});
    }

    /// @param shown hears of each line that is new or is shown again, on the thread of who noted it
    public RecentAttempts(AttemptSettings settings, Devices devices, InstantSource clock, Consumer<Attempt> shown) {
        this.shown = Objects.requireNonNull(shown, "shown");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.devices = Objects.requireNonNull(devices, "devices");
        this.clock = Objects.requireNonNull(clock, "clock");
        // begins at the time, so that it also grows over a restart
        this.sequence = new AtomicLong(Micros.of(clock.instant()));
        this.unclaimed = new RecentLines(null, sequence);
        for (Cause cause : Cause.values()) {
            counts.put(cause, new LongAdder());
        }
    }

    @Override
    public void note(Caller caller, Grounds grounds) {
        Objects.requireNonNull(counts.get(grounds.cause())).increment();
        Refusal refusal = refusal(caller, grounds);
        TenantId tenant = grounds.tenant();
        Attempt attempt = tenant == null
                ? unclaimed.note(refusal, settings.perTenantMax())
                : lines(tenant).note(refusal, share());
        if (attempt != null) {
            shown.accept(attempt);
            log(attempt);
        }
    }

    private Refusal refusal(Caller caller, Grounds grounds) {
        String sentence = Secrets.without(advised(caller, grounds));
        Refusal.Source source = new Refusal.Source(
                caller.door(),
                caller.address(),
                safe(caller.userName()),
                safe(caller.clientId()),
                safe(grounds.subject()),
                grounds.device(),
                grounds.cause());
        return new Refusal(
                source,
                sentence.length() > SENTENCE_CHARS_MAX ? sentence.substring(0, SENTENCE_CHARS_MAX) + "..." : sentence,
                Micros.of(clock.instant()));
    }

    /// Tells the operator, who may know, what the client must not hear: whether there is such a device.
    private String advised(Caller caller, Grounds grounds) {
        String name = caller.userName();
        if (grounds.tenant() != null || grounds.cause() != Cause.BAD_CREDENTIAL || !DeviceId.valid(name)) {
            return grounds.sentence();
        }
        return devices.exists(TenantId.MAIN, new DeviceId(name))
                ? "device '" + name + "' exists and the password is not its token: make a new one, tributary device"
                        + " token " + name
                : grounds.sentence() + "; there is no device '" + Quote.shorten(name) + "' in the tenant main either";
    }

    private static String safe(String text) {
        return text.isEmpty() ? text : Quote.shorten(Secrets.without(text));
    }

    private RecentLines lines(TenantId tenant) {
        RecentLines known = claimed.get(tenant);
        if (known != null) {
            return known;
        }
        RecentLines lines = claimed.computeIfAbsent(tenant, _ -> new RecentLines(tenant, sequence));
        int share = share();
        claimed.values().forEach(other -> other.trim(share));
        return lines;
    }

    /// @return lines that each tenant may have
    private int share() {
        return Math.max(1, Math.min(settings.perTenantMax(), settings.totalMax() / Math.max(1, claimed.size())));
    }

    @Override
    public List<Attempt> before(Wanted wanted, long before, int limit) {
        return wanted(wanted).stream()
                .filter(attempt -> attempt.sequence() < before)
                .sorted(Comparator.comparingLong(Attempt::sequence).reversed())
                .limit(limit)
                .toList();
    }

    @Override
    public List<Attempt> after(Wanted wanted, long after, int limit) {
        // a line that gets its number while the lists are copied, one after the other, is for the next time
        long end = newest();
        return wanted(wanted).stream()
                .filter(attempt -> attempt.sequence() > after && attempt.sequence() <= end)
                .sorted(Comparator.comparingLong(Attempt::sequence))
                .limit(limit)
                .toList();
    }

    private List<Attempt> wanted(Wanted wanted) {
        List<Attempt> all = new ArrayList<>();
        RecentLines own = claimed.get(wanted.tenant());
        if (own != null) {
            own.copyTo(all);
        }
        if (wanted.unclaimed()) {
            unclaimed.copyTo(all);
        }
        all.removeIf(attempt -> !wanted.includes(attempt));
        return all;
    }

    @Override
    public void forget(TenantId tenant) {
        claimed.remove(tenant);
    }

    @Override
    public long newest() {
        return sequence.get();
    }

    @Override
    public Map<Cause, Long> counts() {
        Map<Cause, Long> copy = new EnumMap<>(Cause.class);
        counts.forEach((cause, count) -> copy.put(cause, count.sum()));
        return copy;
    }

    private void log(Attempt attempt) {
        long second = attempt.lastMicros() / 1_000_000;
        long before = logged.get();
        long after = before >> 8 == second ? before + 1 : second << 8;
        if ((after & 0xFF) >= LOG_LINES_A_SECOND || !logged.compareAndSet(before, after)) {
            withheld.increment();
            return;
        }
        if (before >> 8 != second) {
            long more = withheld.sumThenReset();
            if (more > 0) {
                LOG.info("{} more lines about refusals were withheld", more);
            }
        }
        LOG.info("{}", line(attempt));
    }

    private static String line(Attempt attempt) {
        StringBuilder line = new StringBuilder(160)
                .append(attempt.door())
                .append(' ')
                .append(attempt.address().isEmpty() ? "-" : attempt.address());
        add(line, "tenant", String.valueOf(Objects.requireNonNullElse(attempt.tenant(), "")));
        add(line, "user", attempt.userName());
        add(line, "client", attempt.clientId());
        add(line, "as", attempt.subject());
        line.append(": ").append(attempt.cause().slug()).append(": ").append(attempt.sentence());
        if (attempt.count() > 1) {
            line.append(" (").append(attempt.count()).append(" times)");
        }
        return line.toString();
    }

    private static void add(StringBuilder line, String name, String value) {
        if (!value.isEmpty()) {
            line.append(' ').append(name).append(' ').append(value);
        }
    }
}
