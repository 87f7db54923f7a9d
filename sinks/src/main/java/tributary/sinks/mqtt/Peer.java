package tributary.sinks.mqtt;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import tributary.model.MessageProperties;

/// The other broker, in the version of the protocol that it speaks. Safe for all threads.
sealed interface Peer permits Peer3, Peer5 {
    int KEEP_ALIVE_SECONDS = 30;

    /// How a session begins.
    ///
    /// @param clean         whether it is to be a fresh one, which ends with the connection
    /// @param expirySeconds how long the other broker keeps one that is not, where it can be told
    record Hello(boolean clean, long expirySeconds) {
        static final Hello CLEAN = new Hello(true, 0);
    }

    /// A message to the other broker.
    ///
    /// @param origin says that it came from this sink
    /// @param id     the same whenever the parcel comes again
    record Post(String topic, byte[] payload, int qos, boolean retain, String contentType, String origin, String id) {}

    /// A message from the other broker.
    ///
    /// @param acknowledge tells it that the message need not be sent again
    record Arrived(
            String topic, byte[] payload, int qos, boolean retain, MessageProperties properties, Runnable acknowledge) {
        int weight() {
            return payload.length + topic.length() + 200;
        }
    }

    /// What messages say where they came from with.
    String ORIGIN = "tributary-bridge";

    String ID = "tributary-id";

    boolean connected();

    /// @return whether the other broker had kept the session
    CompletableFuture<Boolean> connect(Hello hello);

    /// @return what the other broker had against it; fails where it did not answer
    CompletableFuture<Optional<Throwable>> publish(Post post);

    /// Tells of all that comes, on the connection's own thread. To be called before [#connect].
    void listen(Consumer<Arrived> listener);

    CompletableFuture<?> subscribe(List<String> filters, int qos);

    CompletableFuture<?> unsubscribe(List<String> filters);

    /// @return what of the other broker made us end the connection, or ""
    default String ended() {
        return "";
    }

    /// @return when the other broker has read all that we said and ended the connection; fails where there is none
    CompletableFuture<?> disconnect();
}
