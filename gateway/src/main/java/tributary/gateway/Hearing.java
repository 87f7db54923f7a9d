package tributary.gateway;

import tributary.model.TopicFilter;

/// The answer to a subscription.
public sealed interface Hearing {
    /// @param filter `me` resolved
    record Granted(TopicFilter filter) implements Hearing {}

    /// @param reason countable
    /// @param detail what, why and what to do
    record Denied(Reason reason, String detail) implements Hearing {}

    /// Why a subscription is refused.
    enum Reason {
        FILTER_INVALID,
        NOT_ALLOWED
    }
}
