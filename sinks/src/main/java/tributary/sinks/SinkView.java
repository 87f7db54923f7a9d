package tributary.sinks;

import java.util.Set;
import java.util.TreeSet;
import tributary.registry.DeadLetters;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// A sink as people see it.
///
/// @param secrets names of the secrets that are set, never their values
/// @param source  how it goes with what it brings in
/// @param dead    how many dead letters it has
public record SinkView(
        SinkDefinition definition,
        Set<String> secrets,
        SinkStatus status,
        SourceStatus source,
        DeadLetters.Amount dead) {
    public SinkView {
        secrets = new TreeSet<>(secrets);
    }
}
