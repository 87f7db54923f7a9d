package tributary.query.worker;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flatbuf.Buffer;
import org.apache.arrow.flatbuf.FieldNode;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.RecordBatch;

/// Copies one chunk of rows out of Arrow's C data interface into an IPC record batch; one use.
final class ArrowBatch {
    private static final int ALIGNMENT = 8;
    private static final int CONTINUATION = 0xFFFFFFFF;

    private final ArrowSchema schema;
    private final List<long[]> nodes = new ArrayList<>();
    private final List<long[]> buffers = new ArrayList<>();
    private byte[] body = new byte[64 << 10];
    private int size;

    ArrowBatch(ArrowSchema schema) {
        this.schema = schema;
    }

    /// @param row a filled `struct ArrowArray` of the whole row
    /// @return the IPC message
    byte[] message(MemorySegment row) {
        long rows = row.get(ValueLayout.JAVA_LONG, 0);
        for (int i = 0; i < schema.fields().size(); i++) {
            copy(schema.fields().get(i), child(row, i));
        }
        FlatBufferBuilder out = new FlatBufferBuilder(256 + 16 * (nodes.size() + buffers.size()));
        RecordBatch.startNodesVector(out, nodes.size());
        for (long[] node : nodes.reversed()) {
            FieldNode.createFieldNode(out, node[0], node[1]);
        }
        int nodeVector = out.endVector();
        RecordBatch.startBuffersVector(out, buffers.size());
        for (long[] buffer : buffers.reversed()) {
            Buffer.createBuffer(out, buffer[0], buffer[1]);
        }
        int bufferVector = out.endVector();
        RecordBatch.startRecordBatch(out);
        RecordBatch.addLength(out, rows);
        RecordBatch.addNodes(out, nodeVector);
        RecordBatch.addBuffers(out, bufferVector);
        int batch = RecordBatch.endRecordBatch(out);
        Message.finishMessageBuffer(
                out, Message.createMessage(out, MetadataVersion.V5, MessageHeader.RecordBatch, batch, size, 0));
        byte[] message = frame(out.sizedByteArray(), size);
        System.arraycopy(body, 0, message, message.length - size, size);
        return message;
    }

    /// @return the end of a stream
    static byte[] end() {
        return ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(CONTINUATION)
                .putInt(0)
                .array();
    }

    /// @return prefix, metadata padded to eight bytes, and room for a body
    static byte[] frame(byte[] metadata, int bodyBytes) {
        int padded = (metadata.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        ByteBuffer out = ByteBuffer.allocate(8 + padded + bodyBytes).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(CONTINUATION).putInt(padded).put(metadata);
        return out.array();
    }

    private void copy(ArrowSchema.Item field, MemorySegment array) {
        long length = array.get(ValueLayout.JAVA_LONG, 0);
        long nulls = array.get(ValueLayout.JAVA_LONG, 8);
        if (array.get(ValueLayout.JAVA_LONG, 16) != 0) {
            throw new IllegalStateException("an Arrow array with an offset");
        }
        nodes.add(new long[] {length, field.format().equals("n") ? length : nulls});
        if (field.format().equals("n")) {
            return;
        }
        put(pointer(array, 0), nulls == 0 ? 0 : (length + 7) / 8);
        if (field.encoded()) {
            decode(field, array, length);
            return;
        }
        switch (field.format()) {
            case "b" -> put(pointer(array, 1), (length + 7) / 8);
            case "u", "z" -> {
                putOffsets(pointer(array, 1), length);
                put(pointer(array, 2), length == 0 ? 0 : int32(pointer(array, 1), length));
            }
            case "+l", "+m" -> {
                putOffsets(pointer(array, 1), length);
                copy(field.children().getFirst(), child(array, 0));
            }
            case "+s" -> {
                for (int i = 0; i < field.children().size(); i++) {
                    copy(field.children().get(i), child(array, i));
                }
            }
            default -> {
                if (field.format().startsWith("+w:")) {
                    copy(field.children().getFirst(), child(array, 0));
                } else {
                    put(pointer(array, 1), length * width(field.format()));
                }
            }
        }
    }

    /// Writes texts for indexes into a dictionary of texts.
    private void decode(ArrowSchema.Item field, MemorySegment array, long length) {
        MemorySegment dictionary = Duck.at(array.get(ValueLayout.JAVA_LONG, 56), 80);
        long starts = pointer(dictionary, 1);
        long texts = pointer(dictionary, 2);
        long validity = pointer(array, 0);
        long width = width(field.format());
        MemorySegment indexes = Duck.at(pointer(array, 1), length * width);
        ByteBuffer offsets = ByteBuffer.allocate((int) (4 * (length + 1))).order(ByteOrder.LITTLE_ENDIAN);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        offsets.putInt(0);
        for (long i = 0; i < length; i++) {
            boolean valid = validity == 0
                    || (Duck.at(validity, (length + 7) / 8).get(ValueLayout.JAVA_BYTE, i / 8) >> (i % 8) & 1) == 1;
            if (valid) {
                long index = index(indexes, i, width);
                int start = int32(starts, index);
                byte[] text =
                        Duck.at(texts + start, int32(starts, index + 1) - start).toArray(ValueLayout.JAVA_BYTE);
                out.writeBytes(text);
            }
            offsets.putInt(out.size());
        }
        putHeap(offsets.array());
        putHeap(out.toByteArray());
    }

    private static long index(MemorySegment indexes, long i, long width) {
        return switch ((int) width) {
            case 1 -> Byte.toUnsignedLong(indexes.get(ValueLayout.JAVA_BYTE, i));
            case 2 -> Short.toUnsignedLong(indexes.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i));
            default -> Integer.toUnsignedLong(indexes.get(ValueLayout.JAVA_INT_UNALIGNED, 4 * i));
        };
    }

    private static long width(String format) {
        return switch (format) {
            case "c", "C" -> 1;
            case "s", "S" -> 2;
            case "i", "I", "f", "tdD" -> 4;
            case "l", "L", "g", "ttu" -> 8;
            case "tin" -> 16;
            default -> format.startsWith("ts") ? 8 : format.startsWith("d:") ? decimalWidth(format) : unknown(format);
        };
    }

    private static long decimalWidth(String format) {
        String[] parts = format.substring(2).split(",");
        return parts.length > 2 ? Integer.parseInt(parts[2]) / 8 : 16;
    }

    private static long unknown(String format) {
        throw new IllegalStateException("no form for the Arrow type " + format);
    }

    private void putOffsets(long address, long length) {
        if (length == 0) {
            putHeap(new byte[4]);
        } else {
            put(address, 4 * (length + 1));
        }
    }

    private void put(long address, long bytes) {
        if (address == 0 || bytes == 0) {
            buffers.add(new long[] {size, 0});
            return;
        }
        int count = Math.toIntExact(bytes);
        room(count);
        MemorySegment.copy(Duck.at(address, bytes), ValueLayout.JAVA_BYTE, 0, body, size, count);
        took(count);
    }

    private void putHeap(byte[] bytes) {
        room(bytes.length);
        System.arraycopy(bytes, 0, body, size, bytes.length);
        took(bytes.length);
    }

    private void took(int count) {
        buffers.add(new long[] {size, count});
        size += (count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private void room(int count) {
        long needed = (long) size + count + ALIGNMENT;
        if (needed > body.length) {
            byte[] larger =
                    new byte[Math.toIntExact(Math.max(needed, Math.min(2L * body.length, Integer.MAX_VALUE - 8)))];
            System.arraycopy(body, 0, larger, 0, size);
            body = larger;
        }
    }

    private static long pointer(MemorySegment array, int index) {
        long count = array.get(ValueLayout.JAVA_LONG, 24);
        if (index >= count) {
            return 0;
        }
        return Duck.at(array.get(ValueLayout.JAVA_LONG, 40), 8 * count).getAtIndex(ValueLayout.JAVA_LONG, index);
    }

    private static MemorySegment child(MemorySegment array, int index) {
        long count = array.get(ValueLayout.JAVA_LONG, 32);
        long children = array.get(ValueLayout.JAVA_LONG, 48);
        return Duck.at(Duck.at(children, 8 * count).getAtIndex(ValueLayout.JAVA_LONG, index), 80);
    }

    private static int int32(long address, long index) {
        return Duck.at(address, 4 * (index + 1)).get(ValueLayout.JAVA_INT_UNALIGNED, 4 * index);
    }
}
