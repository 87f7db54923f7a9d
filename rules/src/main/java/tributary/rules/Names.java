package tributary.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.rules.function.Access;
import tributary.rules.value.Missing;

/// What a bare name means at a place of a statement: an alias of a source, an element of an array, else a key
/// of the payload.
final class Names {
    private final List<@Nullable String> aliases;
    private final List<String> variables;
    private final @Nullable Local local;
    private final int[] localCount;

    /// An element that has a name, or whose keys are seen bare.
    private record Local(
            @Nullable String name,
            int index,
            boolean bare,
            @Nullable Local outer) {}

    private Names(List<@Nullable String> aliases, List<String> variables, @Nullable Local local, int[] localCount) {
        this.aliases = aliases;
        this.variables = variables;
        this.local = local;
        this.localCount = localCount;
    }

    static Names of(List<@Nullable String> aliases, List<String> variables) {
        return new Names(new ArrayList<>(aliases), List.copyOf(variables), null, new int[1]);
    }

    /// The names inside a nested select or FOREACH.
    ///
    /// @param bare whether keys of the element are seen without its name
    Names inside(@Nullable String name, boolean bare) {
        return new Names(aliases, variables, new Local(name, localCount[0]++, bare, local), localCount);
    }

    /// The names where an element is seen that has its place already.
    Names at(String name, int index) {
        return new Names(aliases, variables, new Local(name, index, false, local), localCount);
    }

    /// @return the place of the innermost element
    int localIndex() {
        return local == null ? -1 : local.index();
    }

    /// @return whether this is inside a nested select, where `*` is the element
    boolean nested() {
        return local != null;
    }

    int localCount() {
        return localCount[0];
    }

    int variable(String name) {
        return variables.indexOf(name);
    }

    Set<String> variableNames() {
        return Set.copyOf(variables);
    }

    Eval name(String name) {
        for (Local at = local; at != null; at = at.outer()) {
            int index = at.index();
            if (name.equals(at.name())) {
                return f -> f.locals[index];
            }
            if (at.bare()) {
                return f -> Access.key(f.locals[index], name);
            }
        }
        int scope = aliases.indexOf(name);
        if (scope >= 0) {
            return f -> f.scopes[scope];
        }
        return new Key(name);
    }

    /// A key of the payload: the commonest expression of all.
    record Key(String name) implements Eval {
        @Override
        public Object on(Frame frame) {
            return Access.key(frame.payload, name);
        }
    }

    /// The payload of FOREACH, where `payload` means all of it as EMQX writes it, unless it has such a key.
    static Eval payload() {
        return f -> {
            Object key = Access.key(f.payload, "payload");
            return key == Missing.UNDEFINED ? f.payload : key;
        };
    }
}
