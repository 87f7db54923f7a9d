package tributary.api;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tributary.registry.Principal;

/// Who calls, and what proves it.
///
/// @param session the secret of the session cookie, or null where the proof came in the Authorization header
/// @param again   asks once more, in memory, what the proof means now; null where it means nothing any more
record Identity(Principal principal, @Nullable String session, Supplier<@Nullable Principal> again) {}
