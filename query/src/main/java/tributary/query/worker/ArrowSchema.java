package tributary.query.worker;

import com.google.flatbuffers.FlatBufferBuilder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.flatbuf.Binary;
import org.apache.arrow.flatbuf.Bool;
import org.apache.arrow.flatbuf.Date;
import org.apache.arrow.flatbuf.DateUnit;
import org.apache.arrow.flatbuf.Decimal;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FixedSizeList;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Interval;
import org.apache.arrow.flatbuf.IntervalUnit;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.MetadataVersion;
import org.apache.arrow.flatbuf.Null;
import org.apache.arrow.flatbuf.Precision;
import org.apache.arrow.flatbuf.Schema;
import org.apache.arrow.flatbuf.Struct_;
import org.apache.arrow.flatbuf.Time;
import org.apache.arrow.flatbuf.TimeUnit;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Type;
import org.apache.arrow.flatbuf.Utf8;

/// The columns of an answer, read from Arrow's C data interface and written as the first message of an IPC stream.
///
/// A dictionary (that is how DuckDB hands an ENUM over) is written as plain text, so that every reader gets by
/// without dictionary messages.
///
/// @param fields the columns
record ArrowSchema(List<Item> fields) {
    ArrowSchema {
        fields = List.copyOf(fields);
    }

    /// @param format   Arrow's format string: of the index where there is a dictionary
    /// @param children fields of a nested type
    /// @param encoded  whether values are indexes into a dictionary of texts
    record Item(String name, String format, boolean nullable, List<Item> children, boolean encoded) {
        Item {
            children = List.copyOf(children);
        }

        /// @return the format as it is written, dictionaries resolved
        String written() {
            return encoded ? "u" : format;
        }

        /// @return the SQL name of the type
        String sqlType() {
            String shape = written();
            return switch (shape) {
                case "n" -> "NULL";
                case "b" -> "BOOLEAN";
                case "c" -> "TINYINT";
                case "C" -> "UTINYINT";
                case "s" -> "SMALLINT";
                case "S" -> "USMALLINT";
                case "i" -> "INTEGER";
                case "I" -> "UINTEGER";
                case "l" -> "BIGINT";
                case "L" -> "UBIGINT";
                case "f" -> "FLOAT";
                case "g" -> "DOUBLE";
                case "u" -> "VARCHAR";
                case "z" -> "BLOB";
                case "tdD" -> "DATE";
                case "ttu" -> "TIME";
                case "tin" -> "INTERVAL";
                case "+l" -> children.getFirst().sqlType() + "[]";
                case "+s" -> struct();
                case "+m" -> {
                    List<Item> entry = children.getFirst().children();
                    yield "MAP(" + entry.get(0).sqlType() + ", " + entry.get(1).sqlType() + ")";
                }
                default -> sqlTypeWithArguments(shape);
            };
        }

        private String sqlTypeWithArguments(String shape) {
            if (shape.startsWith("ts")) {
                return shape.endsWith(":") ? "TIMESTAMP" : "TIMESTAMP WITH TIME ZONE";
            }
            if (shape.startsWith("d:")) {
                String[] parts = shape.substring(2).split(",");
                return "DECIMAL(" + parts[0] + "," + parts[1] + ")";
            }
            if (shape.startsWith("+w:")) {
                return children.getFirst().sqlType() + "[" + shape.substring(3) + "]";
            }
            return shape;
        }

        private String struct() {
            StringBuilder text = new StringBuilder("STRUCT(");
            for (Item child : children) {
                text.append(text.length() > 7 ? ", " : "")
                        .append('"')
                        .append(child.name.replace("\"", "\"\""))
                        .append("\" ")
                        .append(child.sqlType());
            }
            return text.append(')').toString();
        }
    }

    /// @param struct a filled `struct ArrowSchema` of the whole row
    static ArrowSchema read(MemorySegment struct) {
        return new ArrowSchema(field(struct).children());
    }

    /// @return the IPC message
    byte[] message() {
        FlatBufferBuilder out = new FlatBufferBuilder(512);
        int[] written = fields.stream().mapToInt(field -> write(out, field)).toArray();
        int vector = Schema.createFieldsVector(out, written);
        Schema.startSchema(out);
        Schema.addEndianness(out, Endianness.Little);
        Schema.addFields(out, vector);
        int schema = Schema.endSchema(out);
        Message.finishMessageBuffer(
                out, Message.createMessage(out, MetadataVersion.V5, MessageHeader.Schema, schema, 0, 0));
        return ArrowBatch.frame(out.sizedByteArray(), 0);
    }

    private static Item field(MemorySegment struct) {
        long flags = struct.get(ValueLayout.JAVA_LONG, 24);
        long count = struct.get(ValueLayout.JAVA_LONG, 32);
        long children = struct.get(ValueLayout.JAVA_LONG, 40);
        List<Item> fields = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long child = Duck.at(children, 8 * count).getAtIndex(ValueLayout.JAVA_LONG, i);
            fields.add(field(Duck.at(child, 72)));
        }
        boolean encoded = struct.get(ValueLayout.JAVA_LONG, 48) != 0;
        String format = Duck.text(struct.get(ValueLayout.JAVA_LONG, 0));
        String name = Duck.text(struct.get(ValueLayout.JAVA_LONG, 8));
        return new Item(name, format, (flags & 2) != 0, fields, encoded);
    }

    private static int write(FlatBufferBuilder out, Item field) {
        int name = out.createString(field.name);
        int[] children =
                field.children.stream().mapToInt(child -> write(out, child)).toArray();
        int vector = Field.createChildrenVector(out, children);
        Shape shape = shape(out, field.written());
        Field.startField(out);
        Field.addName(out, name);
        Field.addNullable(out, field.nullable);
        Field.addTypeType(out, shape.type);
        Field.addType(out, shape.offset);
        Field.addChildren(out, vector);
        return Field.endField(out);
    }

    /// A type as flatbuffers have it: which table, and where it stands.
    private record Shape(byte type, int offset) {}

    private static Shape shape(FlatBufferBuilder out, String format) {
        return switch (format) {
            case "n" -> new Shape(Type.Null, empty(out, Null::startNull, Null::endNull));
            case "b" -> new Shape(Type.Bool, empty(out, Bool::startBool, Bool::endBool));
            case "c" -> new Shape(Type.Int, Int.createInt(out, 8, true));
            case "C" -> new Shape(Type.Int, Int.createInt(out, 8, false));
            case "s" -> new Shape(Type.Int, Int.createInt(out, 16, true));
            case "S" -> new Shape(Type.Int, Int.createInt(out, 16, false));
            case "i" -> new Shape(Type.Int, Int.createInt(out, 32, true));
            case "I" -> new Shape(Type.Int, Int.createInt(out, 32, false));
            case "l" -> new Shape(Type.Int, Int.createInt(out, 64, true));
            case "L" -> new Shape(Type.Int, Int.createInt(out, 64, false));
            case "f" -> new Shape(Type.FloatingPoint, FloatingPoint.createFloatingPoint(out, Precision.SINGLE));
            case "g" -> new Shape(Type.FloatingPoint, FloatingPoint.createFloatingPoint(out, Precision.DOUBLE));
            case "u" -> new Shape(Type.Utf8, empty(out, Utf8::startUtf8, Utf8::endUtf8));
            case "z" -> new Shape(Type.Binary, empty(out, Binary::startBinary, Binary::endBinary));
            case "tdD" -> new Shape(Type.Date, Date.createDate(out, DateUnit.DAY));
            case "ttu" -> new Shape(Type.Time, Time.createTime(out, TimeUnit.MICROSECOND, 64));
            case "tin" -> new Shape(Type.Interval, Interval.createInterval(out, IntervalUnit.MONTH_DAY_NANO));
            case "+l" -> new Shape(Type.List, ArrowNesting.list(out));
            case "+s" -> new Shape(Type.Struct_, empty(out, Struct_::startStruct_, Struct_::endStruct_));
            case "+m" -> new Shape(Type.Map, ArrowNesting.map(out));
            default -> shapeWithArguments(out, format);
        };
    }

    private static Shape shapeWithArguments(FlatBufferBuilder out, String format) {
        if (format.startsWith("ts")) {
            short unit = switch (format.charAt(2)) {
                case 's' -> TimeUnit.SECOND;
                case 'm' -> TimeUnit.MILLISECOND;
                case 'u' -> TimeUnit.MICROSECOND;
                default -> TimeUnit.NANOSECOND;
            };
            int zone = format.length() > 4 ? out.createString(format.substring(4)) : 0;
            return new Shape(Type.Timestamp, Timestamp.createTimestamp(out, unit, zone));
        }
        if (format.startsWith("d:")) {
            String[] parts = format.substring(2).split(",");
            int bits = parts.length > 2 ? Integer.parseInt(parts[2]) : 128;
            return new Shape(
                    Type.Decimal,
                    Decimal.createDecimal(out, Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), bits));
        }
        if (format.startsWith("+w:")) {
            int size = Integer.parseInt(format.substring(3));
            return new Shape(Type.FixedSizeList, FixedSizeList.createFixedSizeList(out, size));
        }
        throw new IllegalStateException("no form for the Arrow type " + format);
    }

    private interface Start {
        void on(FlatBufferBuilder out);
    }

    private interface End {
        int on(FlatBufferBuilder out);
    }

    private static int empty(FlatBufferBuilder out, Start start, End end) {
        start.on(out);
        return end.on(out);
    }
}
