package tributary.app.load;

import tools.jackson.databind.JsonNode;

/// The server that an import brings readings to.
public interface Server {
    /// An answer that is no success.
    ///
    /// @param retryAfterSeconds what it says of when to try again, or -1
    record Reply(int status, JsonNode body, long retryAfterSeconds) {}

    /// Sends a batch and waits until what was taken of it is on the server's disk.
    Reply batch(byte[] body);

    /// Adds a device, where it is not there.
    void addDevice(String id);
}
