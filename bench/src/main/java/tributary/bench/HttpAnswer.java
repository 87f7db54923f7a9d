package tributary.bench;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/// Steps over HTTP/1.1 answers and keeps only the status: with a length, chunked, or without a body. One
/// instance a connection.
final class HttpAnswer {
    private static final byte[] LENGTH = "content-length:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CHUNKED = "transfer-encoding: chunked".getBytes(StandardCharsets.US_ASCII);

    private int status;
    private boolean malformed;

    /// @return whether a whole answer was there; the reader index is then behind it, otherwise untouched
    boolean read(ByteBuf in) {
        int start = in.readerIndex();
        int end = in.writerIndex();
        if (malformed || end - start < 12) {
            return false;
        }
        if (in.getByte(start) != 'H' || in.getByte(start + 4) != '/') {
            malformed = true;
            return false;
        }
        long length = 0;
        boolean chunked = false;
        int line = start;
        int lineEnd;
        while (true) {
            lineEnd = in.indexOf(line, end, (byte) '\n');
            if (lineEnd < 0) {
                return false;
            }
            if (lineEnd - line <= 1) {
                break;
            }
            if (begins(in, line, lineEnd, LENGTH)) {
                length = decimal(in, line + LENGTH.length, lineEnd);
            } else if (begins(in, line, lineEnd, CHUNKED)) {
                chunked = true;
            }
            line = lineEnd + 1;
        }
        int found = (in.getByte(start + 9) - '0') * 100
                + (in.getByte(start + 10) - '0') * 10
                + in.getByte(start + 11)
                - '0';
        boolean bodiless = found / 100 == 1 || found == 204 || found == 304;
        long behind = bodiless ? lineEnd + 1 : chunked ? behindChunks(in, lineEnd + 1) : lineEnd + 1 + length;
        if (behind < 0 || behind > end) {
            return false;
        }
        status = found;
        in.readerIndex((int) behind);
        return true;
    }

    int status() {
        return status;
    }

    boolean malformed() {
        return malformed;
    }

    /// @return the index behind the last chunk and its empty trailer, or -1 where it is not all there
    private long behindChunks(ByteBuf in, int from) {
        long at = from;
        while (at < in.writerIndex()) {
            int lineEnd = in.indexOf((int) at, in.writerIndex(), (byte) '\n');
            if (lineEnd < 0) {
                return -1;
            }
            long size = 0;
            for (int i = (int) at; i < lineEnd; i++) {
                int digit = Character.digit(in.getByte(i), 16);
                if (digit < 0) {
                    break;
                }
                size = size * 16 + digit;
            }
            at = lineEnd + 1 + size + 2;
            if (size == 0) {
                return at <= in.writerIndex() ? at : -1;
            }
        }
        return -1;
    }

    private static boolean begins(ByteBuf in, int from, int to, byte[] lowerCase) {
        if (to - from < lowerCase.length) {
            return false;
        }
        for (int i = 0; i < lowerCase.length; i++) {
            if (Character.toLowerCase((char) in.getByte(from + i)) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    private static long decimal(ByteBuf in, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = in.getByte(i) - '0';
            if (digit >= 0 && digit <= 9) {
                value = value * 10 + digit;
            }
        }
        return value;
    }
}
