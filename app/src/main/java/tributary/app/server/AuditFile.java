package tributary.app.server;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;
import tributary.api.AuditChain;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Sends the lines of the logger `tributary.audit` to `audit.log` in the data folder: at most six files of 16 MB,
/// closed to others as the folder is, each line with its link of the chain ([AuditChain]).
final class AuditFile implements AutoCloseable {
    private static final String FILE_BYTES_MAX = "16MB";

    private final RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();

    /// @throws PlatformException with `DATA_FOLDER` where the lines of before cannot be read
    AuditFile(Path data) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        PatternLayoutEncoder encoder = new LinkedLines(chain(data));
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %replace(%msg){'[\\r\\n\\x1b]+', ' '}%n");
        encoder.start();

        FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
        rolling.setContext(context);
        rolling.setParent(appender);
        rolling.setFileNamePattern(data.resolve("audit.%i.log").toString());
        rolling.setMinIndex(1);
        rolling.setMaxIndex(AuditChain.OLD_FILES_MAX);

        SizeBasedTriggeringPolicy<ILoggingEvent> trigger = new SizeBasedTriggeringPolicy<>();
        trigger.setContext(context);
        trigger.setMaxFileSize(FileSize.valueOf(FILE_BYTES_MAX));

        appender.setContext(context);
        appender.setFile(data.resolve("audit.log").toString());
        appender.setEncoder(encoder);
        appender.setRollingPolicy(rolling);
        appender.setTriggeringPolicy(trigger);
        rolling.start();
        trigger.start();
        appender.start();
        Logger audit = context.getLogger("tributary.audit");
        audit.setAdditive(false);
        audit.addAppender(appender);
    }

    private static String chain(Path data) {
        try {
            return AuditChain.resume(data);
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    data.resolve("audit.log") + " cannot be read: " + e.getMessage()
                            + ".\n  Give it to the user that runs this.",
                    e);
        }
    }

    /// Called by one thread at a time: the appender holds its lock meanwhile.
    private static final class LinkedLines extends PatternLayoutEncoder {
        private String chain;

        private LinkedLines(String chain) {
            this.chain = chain;
        }

        @Override
        public byte[] encode(ILoggingEvent event) {
            String line = AuditChain.link(chain, layout.doLayout(event).stripTrailing());
            chain = line.substring(line.length() - AuditChain.BEGIN.length());
            return (line + "\n").getBytes(StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        appender.stop();
    }
}
