package tributary.broker;

import java.util.function.Consumer;

/// Publishes wills: the door does it, because the intake has to agree.
@FunctionalInterface
public interface LastWords {
    /// Publishes the will, or says no. On any thread; must not block.
    ///
    /// @param said hears, soon and on any thread, whether the matter is settled (published, or not allowed); false
    ///             where it should be tried again
    void publish(Will will, Consumer<Boolean> said);
}
