package tributary.query.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where an answer that has to be a file first may stand for a moment, and how large it may get.
///
/// @param folder   for the file
/// @param bytesMax the file may have so many bytes
/// @param freeMin  and leaves so many bytes of the disk free
public record Spool(Path folder, long bytesMax, long freeMin) {
    /// @throws SpoolException where `file` may not grow on
    void check(Path file) throws SpoolException {
        long bytes;
        long free;
        try {
            bytes = Files.size(file);
            free = Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw SpoolException.failed(e);
        }
        if (bytes > bytesMax) {
            throw new SpoolException(
                    true,
                    "the Parquet file would be larger than " + megabytes(bytesMax)
                            + " (query.parquet-max); ask for less, or for arrow, csv or ndjson, which need no file",
                    null);
        }
        if (free < freeMin) {
            throw new SpoolException(
                    true,
                    "a Parquet file is made on the disk of the data folder, and that has " + megabytes(free)
                            + " left where " + megabytes(freeMin)
                            + " stay free for messages (query.parquet-free-min); ask for arrow, csv or ndjson, which"
                            + " need no file, or make room",
                    null);
        }
    }

    private static String megabytes(long bytes) {
        return bytes < 1 << 20 ? bytes + " bytes" : (bytes >> 20) + " MB";
    }
}
