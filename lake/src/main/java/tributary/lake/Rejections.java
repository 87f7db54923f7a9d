package tributary.lake;

import tributary.model.Message;

/// Hears which messages could not be decoded, wholly or in part, as soon as the lake read them; again after a restart
/// that made the lake read them again.
public interface Rejections {
    /// For those who look into the table instead.
    Rejections NONE = (_, _) -> {};

    /// Called on the lake's thread; returns quickly.
    ///
    /// @param reason of the first part that could not be read, for people
    void rejected(Message message, String reason);
}
