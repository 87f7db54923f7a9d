package tributary.api;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.LoggerFactory;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// A river in a process of its own, which others go on sending to: prints how far the removal of `acme` is whenever
/// that changes, until it is killed. An erasure that came into a phase in which it is to be killed stays there.
final class RemovalProcess {
    /// All but the last: that of an erasure is not that of the removal, which has two of them.
    private static final Pattern PHASE =
            Pattern.compile("erasure \\S+ of tenant acme is in phase (REWRITING|EXPIRING|LOG)");

    private RemovalProcess() {}

    /// @param arguments the data folder, a key of the operator, and phases in which it is to be killed
    public static void main(String[] arguments) throws Exception {
        Thread.ofPlatform().daemon().start(RemovalProcess::endWithTheTest);
        stayIn(Set.of(arguments[2].split(",")));
        try (River river = new River(Path.of(arguments[0]), InstantSource.system())) {
            String before = "";
            while (true) {
                String phase = river.get(arguments[1], "/api/v1/tenant-removals")
                        .path("removals")
                        .path(0)
                        .path("phase")
                        .asString("");
                if (!phase.equals(before)) {
                    System.out.println("phase " + phase);
                    before = phase;
                }
                for (int i = 0; i < 5; i++) {
                    river.publish(TenantId.MAIN, new DeviceId("ours"), "{\"f\":\"" + "x".repeat(200) + "\"}", false);
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
    }

    /// The lake says of each phase when it is written down, and does nothing more of it before that is said.
    private static void stayIn(Set<String> phases) {
        AppenderBase<ILoggingEvent> ear = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                Matcher said = PHASE.matcher(event.getFormattedMessage());
                if (said.matches() && phases.contains(said.group(1).toLowerCase(Locale.ROOT))) {
                    System.out.println("phase " + said.group(1).toLowerCase(Locale.ROOT));
                    while (true) {
                        LockSupport.park(this);
                    }
                }
            }
        };
        ear.start();
        Logger lake = (Logger) LoggerFactory.getLogger("tributary.lake.Eraser");
        lake.setLevel(Level.INFO);
        lake.setAdditive(false);
        lake.addAppender(ear);
    }

    /// The test holds the other end of the input.
    private static void endWithTheTest() {
        try {
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (java.io.IOException e) {
            // gone, too
        }
        Runtime.getRuntime().halt(1);
    }
}
