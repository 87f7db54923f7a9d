package tributary.broker;

/// The connected end of a session.
public interface Client {
    /// There may be something in [Attachment#poll]. On the outlet's thread only.
    void wake();

    /// The session has been taken away and this end closes. On any thread.
    ///
    /// @param why for the client and its owner
    void detached(Why why);

    /// Why a session leaves its client.
    enum Why {
        /// Somebody connected with the same client id.
        TAKEN_OVER,
        /// The device or the credential is gone.
        REVOKED,
        /// An administrator ended the session.
        ENDED
    }
}
