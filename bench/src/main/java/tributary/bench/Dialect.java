package tributary.bench;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/// How one connection speaks its protocol: greeting, messages and answers. One instance a connection, used
/// by its event loop only.
interface Dialect {
    /// The socket is open: write what opens the conversation.
    void greet(ChannelHandlerContext context);

    /// Appends message `number` (from 0) of this connection.
    void encode(ByteBuf out, long number);

    /// @return bytes that [#encode] appends
    int messageBytes();

    /// Takes over what arrived and tells the listener what it means.
    void read(ChannelHandlerContext context, ByteBuf in);

    /// Whether the server answers messages at all (not so at MQTT QoS 0).
    boolean answered();

    /// Frees what is kept between reads.
    void close();

    /// What a connection hears from its dialect. Numbers count the connection's messages from 0.
    interface Listener {
        /// The server said welcome; messages may be sent.
        void welcome();

        /// One message was taken.
        void taken(long number);

        /// Every message before this number was taken, but for those refused.
        void takenBefore(long number);

        /// Somebody else saw every message before this number arrive, which is the answer where the server
        /// gives none.
        void arrivedBefore(long number);

        /// One message was refused.
        ///
        /// @param why short and countable: a status, a reason code
        void refused(long number, String why);

        /// The conversation cannot go on.
        void broken(String why);

        /// @return when the message that is being encoded is due, or now where nothing is scheduled;
        ///         nanoseconds
        long scheduled(long number);

        /// @return the number of the oldest message that has no answer yet
        long oldest();
    }

    /// Makes dialects, one a connection.
    interface Factory {
        /// @param index of the connection, from 0
        Dialect create(int index, Listener listener);
    }
}
