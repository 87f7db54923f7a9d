package tributary.app.server;

import java.util.List;

/// Everything that is wrong with the configuration, one line a mistake.
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ConfigurationException(List<String> problems) {
        super("the configuration has %d mistake%s:\n  %s"
                .formatted(problems.size(), problems.size() == 1 ? "" : "s", String.join("\n  ", problems)));
    }
}
