package tributary.engine;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tributary.engine.Parcel.Destination;
import tributary.model.Fault;
import tributary.model.MessageProperties.UserProperty;
import tributary.model.PlatformException;
import tributary.registry.RuleStore.KeptRule;
import tributary.script.Scripts;

/// Runs a rule of the server again over a past window of the log, as it runs at work, and compares what it says with
/// the messages that it made of that window; then makes those that are missing.
///
/// Nothing of a run is kept: equal input gives equal output, and a run's digest says whether it did. What is applied
/// is what was shown, or nothing; and as the next comparison finds what was applied, applying it again, after
/// whatever crash, makes no message twice.
public final class RuleReplay {
    static final int SHOWN_MAX = 100;
    private static final String MARK = "tributary-replay";

    private final RuleEngine.World world;
    private final Scripts scripts;
    private final TableRows tables;
    private final RuleMessages messages;
    private final CaughtUp live;

    /// Says whether rules that run have said all before a moment.
    interface CaughtUp {
        boolean before(Instant moment) throws InterruptedException;
    }

    RuleReplay(RuleEngine.World world, Scripts scripts, TableRows tables, RuleMessages messages, CaughtUp live) {
        this.world = world;
        this.tables = tables;
        this.scripts = scripts;
        this.messages = messages;
        this.live = live;
    }

    /// Over what.
    ///
    /// @param warm  the rule sees messages from here on, so that it remembers what it did when the window began
    /// @param from  the first moment whose outputs count
    /// @param to    the first moment behind
    /// @param time  how long it may take
    /// @param shown how many outputs are shown
    public record Window(Instant warm, Instant from, Instant to, Duration time, int shown) {}

    /// How an output and what is there compare.
    public enum Kind {
        /// The rule says it now, and there is no such message.
        MISSING,
        /// It is there, and the rule does not say it now.
        EXTRA
    }

    /// Where both differ.
    ///
    /// @param payload its beginning where it is long
    public record Difference(Kind kind, Instant at, String topic, String payload) {}

    /// What the rule says now.
    ///
    /// @param to the topics and sinks that it goes to
    public record Saying(Instant at, String device, String payload, List<String> to) {}

    /// What came of it.
    ///
    /// @param complete whether all was looked at; only then can it be applied
    /// @param why      what it was too much for, "" where it is complete
    /// @param begins   what the log has begins here, and what came before is gone; null where nothing is
    /// @param taken    messages that the rule looked at
    /// @param said     outputs within the window
    /// @param failed   messages and moments that it failed at
    /// @param same     messages that are there as the rule says them now
    /// @param missing  how many are not there
    /// @param extra    how many are there and are not said now
    /// @param toSinks  outputs for sinks, which are not compared
    /// @param digest   equal where all outputs are
    public record Report(
            boolean complete,
            String why,
            @Nullable Instant begins,
            long taken,
            long said,
            long failed,
            long same,
            long missing,
            long extra,
            long toSinks,
            String digest,
            List<Difference> differences,
            List<Saying> outputs,
            List<RuleFigures.Failure> failures) {}

    /// What became of what was to be applied.
    public sealed interface Applied {
        /// @param made how many messages are in the log now that were missing
        record Done(Report report, long made, List<String> refused) implements Applied {}

        /// Nothing was applied.
        record Refused(String why) implements Applied {}
    }

    /// Runs the rule and compares; acts on nothing. Blocks as long as it takes.
    public Report compare(KeptRule rule, Window window) {
        return run(rule, window).report();
    }

    /// Runs the rule again, and where it says what it said when it was compared, makes the messages that are missing.
    /// For one caller at a time for a rule.
    ///
    /// @param digest of the report that was looked at
    public Applied apply(KeptRule rule, Window window, String digest) throws InterruptedException {
        if (!live.before(window.to())) {
            return new Applied.Refused("rules have not yet seen all that came before the end of the window");
        }
        ReplayRun run = run(rule, window);
        Report report = run.report();
        if (!report.complete()) {
            return new Applied.Refused("it is not complete: " + report.why());
        }
        if (!report.digest().equals(digest)) {
            return new Applied.Refused("the rule says something else now than when it was compared (digest "
                    + report.digest() + "): look at it again");
        }
        long made = 0;
        List<String> refused = new ArrayList<>();
        List<Told> told = new ArrayList<>();
        UserProperty mark = new UserProperty(MARK, digest);
        for (Parcel parcel : run.missing()) {
            String topic = ((Destination.ToTopic) parcel.destination()).topic();
            String fault = messages.fault(parcel, topic);
            if (fault != null) {
                if (refused.size() < SHOWN_MAX) {
                    refused.add(fault);
                }
                continue;
            }
            relieved();
            Told one = new Told();
            world.log().append(messages.message(parcel, topic, mark), one);
            told.add(one);
        }
        for (Told one : told) {
            String refusal = one.refusal(latch -> latch.await(1, TimeUnit.SECONDS));
            if (refusal != null) {
                throw new PlatformException(
                        Fault.LOG_FULL,
                        "%d of %d messages were made, then the log took no more: %s. Apply it again."
                                .formatted(made, told.size(), refusal));
            }
            made++;
        }
        return new Applied.Done(report, made, refused);
    }

    private void relieved() throws InterruptedException {
        if (world.log().congested()) {
            CountDownLatch relieved = new CountDownLatch(1);
            world.log().whenRelieved(relieved::countDown);
            relieved.await(1, TimeUnit.SECONDS);
        }
    }

    private ReplayRun run(KeptRule rule, Window window) {
        RuleFunctions functions = RuleFunctions.now(world.registry().functions(), rule.tenant(), scripts);
        Definition kept = StoreRoster.definition(rule, functions);
        Definition on = new Definition(
                kept.tenant(),
                kept.name(),
                kept.bornMicros(),
                kept.version(),
                kept.sql(),
                kept.sqlVersion(),
                kept.zone(),
                kept.actions(),
                Definition.Mode.ON,
                kept.functions());
        ReplayRun run = new ReplayRun(
                on,
                functions.beside(new RegistryLookups(world.registry().devices(), tables, rule.tenant())),
                window,
                parcel -> parcel.alert() != null
                        && world.registry()
                                .silences()
                                .covers(parcel.tenant(), parcel.device(), Instant.ofEpochMilli(parcel.atMillis())),
                KnownSince.of(world.registry().alerts(), on.key()));
        run.over(world.log());
        return run;
    }

    /// Counts messages by topic and payload.
    static final class Counts {
        private final Map<Key, Integer> counts = new HashMap<>();

        private record Key(String topic, ByteBuffer payload) {}

        void add(String topic, byte[] payload) {
            counts.merge(new Key(topic, ByteBuffer.wrap(payload)), 1, Integer::sum);
        }

        /// @return whether there was one
        boolean remove(String topic, byte[] payload) {
            Key key = new Key(topic, ByteBuffer.wrap(payload));
            Integer left = counts.computeIfPresent(key, (_, count) -> count - 1);
            if (left != null && left == 0) {
                counts.remove(key);
            }
            return left != null;
        }
    }

    /// What all outputs are, in their order.
    static final class Digest {
        private final MessageDigest digest;

        Digest() {
            try {
                digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }

        void add(Said said) {
            BytesOut out = new BytesOut();
            said.write(out);
            digest.update(out.bytes());
        }

        String hex() {
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        }
    }
}
