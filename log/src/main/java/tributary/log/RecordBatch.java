package tributary.log;

import tributary.model.Message;
import tributary.model.TenantId;
import tributary.model.Topic;

/// Records that lie in one array, of a reader's own or shared with the tail.
final class RecordBatch implements Batch {
    private final MessageDecoder decoder;
    private int partition;
    private long first;
    private int size;
    private byte[] bytes = new byte[0];
    private int[] offsets = new int[0];
    private int skipped;

    RecordBatch(MessageDecoder decoder) {
        this.decoder = decoder;
    }

    /// @param skippedInOffsets how many offsets belong to records before `firstPosition`
    RecordBatch lend(int ofPartition, long firstPosition, byte[] inBytes, int[] atOffsets, int skippedInOffsets) {
        partition = ofPartition;
        first = firstPosition;
        bytes = inBytes;
        offsets = atOffsets;
        skipped = skippedInOffsets;
        return this;
    }

    RecordBatch sized(int count) {
        size = count;
        return this;
    }

    @Override
    public int partition() {
        return partition;
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Message message(int index) {
        return decoder.decode(bytes, offset(index));
    }

    @Override
    public boolean marked(int index) {
        return MessageDecoder.marked(bytes, offset(index));
    }

    @Override
    public TenantId tenant(int index) {
        return decoder.tenant(bytes, offset(index));
    }

    @Override
    public Topic topic(int index) {
        return decoder.topic(bytes, offset(index));
    }

    @Override
    public long receivedMicros(int index) {
        return MessageDecoder.receivedMicros(bytes, offset(index));
    }

    private int offset(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("index " + index + " of a batch of " + size);
        }
        return offsets[skipped + index];
    }
}
