package tributary.engine;

import tributary.model.TenantId;

/// Hears of messages that rules will never see.
public interface Losses {
    /// @param cause a word to count by: `log-full` or `set-aside`
    /// @param why   for people
    /// @param count how many messages
    void lost(TenantId tenant, String cause, String why, long count);
}
