package tributary.engine;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.engine.Definition.Key;
import tributary.engine.Parcel.Destination.ToSink;
import tributary.engine.Parcel.Destination.ToTopic;
import tributary.log.Batch;
import tributary.log.Log;
import tributary.log.LogReader;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// Makes what rules say messages of the tenant: appends them to the log, where subscribers, other rules and the lake
/// find them. Without a thread: whoever owns it calls [#turn] again and again, from one thread.
///
/// Each message says which parcel it was. How far all of them are durable is written down now and then, together with
/// where the log ended then; after a crash the log is looked through from there, and what is in it is not appended
/// again.
final class Republisher implements Errand.Work {
    private static final Logger LOG = LoggerFactory.getLogger(Republisher.class);

    /// Its name as a reader of the outbox.
    static final String NAME = "republisher";

    /// The user property that says which parcel a message was.
    static final String OUTPUT = "tributary-output";

    private static final long SAVE_MILLIS = 1_000;
    private static final long SCAN_MAX = 100_000;

    private final World world;
    private final RuleMessages messages;
    private final OutboxReader reader;
    private final Set<Long> done = new HashSet<>();
    private long savedPosition;
    private long[] savedEnds;
    private long savedMillis;
    private volatile long reached;

    /// Where all ended before rules of this life said anything. A message that was in the log by then and says to
    /// be an output behind that end of the outbox comes from a life of which a backup has the log and not the end
    /// of the outbox: another output has that number now.
    record Before(long outboxEnd, long[] logEnds) {
        static Before of(Log log, Outbox outbox) {
            return new Before(outbox.end(), ends(log));
        }

        /// @return whether the message at that place of the log is that output, if it says so
        boolean knows(int partition, long place, long output) {
            return output < outboxEnd || place >= logEnds[partition];
        }
    }

    /// What it lives on.
    ///
    /// @param before   taken before the engine of this life was opened
    /// @param devices  whether a tenant has a device
    /// @param sinks    whether a tenant has a sink of that name
    /// @param silenced whether a parcel goes nowhere, because it is of an alert in a time of maintenance
    /// @param figures where failures are shown
    record World(
            Log log,
            Outbox outbox,
            Before before,
            Snapshot snapshot,
            BiPredicate<TenantId, DeviceId> devices,
            BiPredicate<TenantId, String> sinks,
            Predicate<Parcel> silenced,
            Map<Key, RuleFigures> figures,
            InstantSource clock,
            Settle settle,
            int depthMax) {}

    private record Pending(Message message, Told told) {}

    /// Names a sink among those of all tenants.
    Republisher(World world) {
        this.world = world;
        this.messages = new RuleMessages(world.devices(), world.clock(), world.depthMax());
        this.reader = world.outbox().reader(NAME);
        this.savedEnds = ends(world.log());
        this.savedPosition = reader.position();
        boolean opened = false;
        try {
            if (recover()) {
                reader.seek(savedPosition);
                scan();
            } else {
                save();
            }
            opened = true;
        } finally {
            if (!opened) {
                reader.close(); // whoever tries again opens it anew
            }
        }
    }

    private static long[] ends(Log log) {
        long[] ends = new long[log.partitions()];
        Arrays.setAll(ends, log::end);
        return ends;
    }

    private boolean recover() {
        try {
            byte[] known = world.snapshot().read();
            if (known == null) {
                return false;
            }
            BytesIn in = new BytesIn(known);
            long position = in.number();
            long[] at = new long[in.count()];
            Arrays.setAll(at, _ -> in.number());
            if (at.length != savedEnds.length || position > world.outbox().end()) {
                return false;
            }
            savedPosition = position;
            savedEnds = at;
            return true;
        } catch (PlatformException e) {
            LOG.error("{}: some of what rules said last may go out again", e.detail());
            return false;
        }
    }

    /// Finds what went out after it was last written down how far that was.
    private void scan() {
        try (LogReader log = world.log().reader()) {
            for (int partition = 0; partition < savedEnds.length; partition++) {
                long end = world.log().end(partition);
                log.seek(partition, savedEnds[partition]);
                while (log.position(partition) < end) {
                    Batch batch = log.next(partition);
                    if (batch == null) {
                        break;
                    }
                    for (int i = 0; i < batch.size(); i++) {
                        note(partition, batch.first() + i, batch.message(i));
                    }
                }
            }
        }
    }

    private void note(int partition, long place, Message message) {
        if (message.origin() == Message.Origin.PLATFORM && message.publisher().startsWith(RuleEngine.PUBLISHER)) {
            for (UserProperty property : message.properties().user()) {
                if (property.name().equals(OUTPUT)) {
                    long output = Long.parseLong(property.value());
                    if (world.before().knows(partition, place, output)) {
                        done.add(output);
                    }
                }
            }
        }
    }

    /// Takes the next parcels and returns when they are durable in the log.
    ///
    /// @return whether there were any
    @Override
    public boolean turn(Duration wait) throws InterruptedException {
        List<Parcel> parcels = reader.poll(wait);
        List<Pending> pending = new ArrayList<>();
        missSinks(parcels);
        for (Parcel parcel : parcels) {
            if (parcel.destination() instanceof ToTopic(String topic)
                    && !done.remove(parcel.position())
                    && !world.silenced().test(parcel)) {
                Message message = message(parcel, topic);
                if (message != null) {
                    relieved();
                    Told told = new Told();
                    world.log().append(message, told);
                    pending.add(new Pending(message, told));
                }
            }
        }
        for (Pending one : pending) {
            String failing = "";
            String refusal = one.told().refusal(world.settle());
            while (refusal != null) {
                if (!refusal.equals(failing)) {
                    LOG.error("what rules say waits, because the log does not take it: {}", refusal);
                    failing = refusal;
                }
                world.settle().await(new CountDownLatch(1));
                Told again = new Told();
                world.log().append(one.message(), again);
                refusal = again.refusal(world.settle());
            }
        }
        reached = reader.position();
        saveNowAndThen();
        return !parcels.isEmpty();
    }

    /// What goes to a sink is the sink's to fetch: where there is none of that name, nobody does.
    private void missSinks(List<Parcel> parcels) {
        for (Parcel parcel : parcels) {
            if (parcel.destination() instanceof ToSink(String sink, boolean _)
                    && !world.sinks().test(parcel.tenant(), sink)
                    && !world.silenced().test(parcel)) {
                fail(parcel, "sink " + sink, "there is no sink '%s', and what goes to it is lost".formatted(sink));
            }
        }
    }

    @Override
    public void finish() {
        save();
    }

    private void relieved() throws InterruptedException {
        if (world.log().congested()) {
            CountDownLatch relieved = new CountDownLatch(1);
            world.log().whenRelieved(relieved::countDown);
            world.settle().await(relieved);
        }
    }

    private void saveNowAndThen() {
        long now = world.clock().millis();
        if (now - savedMillis < SAVE_MILLIS && now >= savedMillis) {
            return;
        }
        savedMillis = now;
        long[] ends = ends(world.log());
        long behind = 0;
        for (int partition = 0; partition < ends.length; partition++) {
            behind += ends[partition] - savedEnds[partition];
        }
        if (reader.position() != savedPosition || behind > SCAN_MAX) {
            save();
        }
    }

    /// Writes down how far all is durable.
    void save() {
        long position = reader.position();
        done.removeIf(old -> old < position);
        // what went out before a crash and is read only now has to be found again
        long[] ends = done.isEmpty() ? ends(world.log()) : savedEnds;
        BytesOut out = new BytesOut().number(position).number(ends.length);
        for (long end : ends) {
            out.number(end);
        }
        world.snapshot().write(out.bytes());
        reader.commit(position);
        savedPosition = position;
        savedEnds = ends;
    }

    /// @return the message that a parcel becomes, or null where it becomes none
    private @Nullable Message message(Parcel parcel, String topic) {
        String fault = messages.fault(parcel, topic);
        if (fault != null) {
            fail(parcel, topic, fault);
            return null;
        }
        return messages.message(parcel, topic, new UserProperty(OUTPUT, Long.toString(parcel.position())));
    }

    private void fail(Parcel parcel, String place, String what) {
        RuleFigures figures = world.figures().get(new Key(parcel.tenant(), parcel.rule()));
        if (figures != null) {
            figures.failed(new RuleFigures.Failure(
                    parcel.atMillis(), what, place, parcel.device(), RuleFigures.excerpt(parcel.payload())));
        }
    }

    /// @return everything in the outbox before it is durable in the log; for all threads
    long reached() {
        return reached;
    }

    /// @return how many parcels were found in the log already, and do not go out again
    int spared() {
        return done.size();
    }

    @Override
    public void close() {
        reader.close();
    }
}
