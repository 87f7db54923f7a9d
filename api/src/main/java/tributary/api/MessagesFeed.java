package tributary.api;

import tributary.model.Message;

/// Shows each message as it was sent.
///
/// @param selection which ones
record MessagesFeed(Selection selection) implements LiveStream.Feed {
    @Override
    public String event() {
        return "message";
    }

    @Override
    public void show(int partition, long position, Message message, LiveStream.Out out) {
        if (selection.includes(message)) {
            out.event(event(), Recorded.json(partition, position, message));
        }
    }
}
