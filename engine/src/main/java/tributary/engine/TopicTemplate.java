package tributary.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.Quote;
import tributary.model.Topic;
import tributary.registry.RuleStore.Action;
import tributary.rules.Output;
import tributary.rules.Rule;

/// A topic in which `${...}` stands for parts of an output: `${device_id()}`, `${rule_id()}`, or a key of what is said,
/// `${door}` or `${door.name}`.
///
/// A part stands for one level: what has `/`, `+` or `#` in it would let a device choose the topic, and is refused.
final class TopicTemplate {
    private static final Pattern PART = Pattern.compile("\\$\\{([^{}]*)}");
    private static final Pattern PATH = Pattern.compile("[A-Za-z_][\\w-]*(?:\\.[A-Za-z_][\\w-]*)*");
    private static final String DEVICE = "device_id()";
    private static final String RULE = "rule_id()";

    /// What became of a template.
    sealed interface Filled {
        /// The topic.
        record To(String topic) implements Filled {}

        /// None, and why.
        record Failed(String what) implements Filled {}
    }

    private final String template;
    private final List<String> fixed = new ArrayList<>();
    private final List<String> parts = new ArrayList<>();

    /// @throws IllegalArgumentException where it is no template
    TopicTemplate(String template) {
        this.template = template;
        Matcher matcher = PART.matcher(template);
        int from = 0;
        while (matcher.find()) {
            String part = matcher.group(1).strip();
            if (!part.equals(DEVICE)
                    && !part.equals(RULE)
                    && !PATH.matcher(part).matches()) {
                throw new IllegalArgumentException(
                        "${%s}: write ${device_id()}, ${rule_id()} or a key of what the rule says, such as ${door.name}"
                                .formatted(part));
            }
            fixed.add(template.substring(from, matcher.start()));
            parts.add(part);
            from = matcher.end();
        }
        fixed.add(template.substring(from));
        String fault = fault(String.join("x", fixed));
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
    }

    /// @return the topic of an action that has one: its own, or the one where a device listens for commands
    /// @throws IllegalArgumentException where it is no template
    static TopicTemplate of(Action action) {
        if (action.kind() != Action.Kind.COMMAND) {
            return new TopicTemplate(action.to());
        }
        int end = action.to().indexOf('/');
        String device = end < 0 ? action.to() : action.to().substring(0, end);
        if (!PART.matcher(device).find() && !DeviceId.valid(device)) {
            throw new IllegalArgumentException(
                    "a command begins with a device, such as ${pump}/stop or pump-1/stop; '%s' is none"
                            .formatted(Quote.shorten(device)));
        }
        return new TopicTemplate("devices/" + device + "/commands" + action.to().substring(device.length()));
    }

    private static @Nullable String fault(String topic) {
        String fault = Topic.fault(topic);
        if (fault != null) {
            return fault;
        }
        return topic.charAt(0) == '$' ? "topics that begin with '$' are the platform's own" : null;
    }

    /// @return whether the topic may differ from output to output
    boolean varies() {
        return !parts.isEmpty();
    }

    Filled fill(Output output, String rule) {
        if (parts.isEmpty()) {
            return new Filled.To(template);
        }
        StringBuilder topic = new StringBuilder(fixed.getFirst());
        for (int i = 0; i < parts.size(); i++) {
            String value = value(parts.get(i), output, rule);
            if (value == null || value.isEmpty()) {
                return new Filled.Failed("the topic '%s' needs ${%s}, and what the rule says has none"
                        .formatted(template, parts.get(i)));
            }
            if (value.indexOf('/') >= 0 || value.indexOf('+') >= 0 || value.indexOf('#') >= 0) {
                return new Filled.Failed("${%s} of the topic '%s' is one level, and '%s' is more"
                        .formatted(parts.get(i), template, Quote.shorten(value)));
            }
            topic.append(value).append(fixed.get(i + 1));
        }
        String fault = fault(topic.toString());
        return fault == null ? new Filled.To(topic.toString()) : new Filled.Failed(fault);
    }

    private static @Nullable String value(String part, Output output, String rule) {
        return switch (part) {
            case DEVICE -> output.device();
            case RULE -> rule;
            default -> Rule.text(output, List.of(part.split("\\.")));
        };
    }
}
