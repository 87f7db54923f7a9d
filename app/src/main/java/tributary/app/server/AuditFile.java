package tributary.app.server;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.nio.file.Path;
import org.slf4j.LoggerFactory;

/// Sends the lines of the logger `tributary.audit` to `audit.log` in the data folder: at most six files of 16 MB,
/// closed to others as the folder is.
final class AuditFile implements AutoCloseable {
    private static final String FILE_BYTES_MAX = "16MB";
    private static final int OLD_FILES_MAX = 5;

    private final RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();

    AuditFile(Path data) {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %replace(%msg){'[\\r\\n\\x1b]+', ' '}%n");
        encoder.start();

        FixedWindowRollingPolicy rolling = new FixedWindowRollingPolicy();
        rolling.setContext(context);
        rolling.setParent(appender);
        rolling.setFileNamePattern(data.resolve("audit.%i.log").toString());
        rolling.setMinIndex(1);
        rolling.setMaxIndex(OLD_FILES_MAX);

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

    @Override
    public void close() {
        appender.stop();
    }
}
