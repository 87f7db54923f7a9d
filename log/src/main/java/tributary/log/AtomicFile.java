package tributary.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import tributary.model.Disk;
import tributary.model.DiskFile;

/// Writes small files so that after a power cut either the old or the new content is there, whole.
public final class AtomicFile {
    private AtomicFile() {}

    /// Durable when it returns. Where it throws, the old content may or may not have been replaced.
    public static void write(Disk disk, String folder, String name, ByteBuffer content) throws IOException {
        write(disk, folder, name, content, true);
    }

    /// @param forced false only where a planted flaw leaves the flush out
    static void write(Disk disk, String folder, String name, ByteBuffer content, boolean forced) throws IOException {
        String path = folder.isEmpty() ? name : folder + "/" + name;
        String draft = path + ".new";
        disk.delete(draft);
        try (DiskFile file = disk.create(draft)) {
            file.write(content, 0);
            if (forced) {
                file.force();
            }
        }
        disk.rename(draft, path);
        disk.forceFolder(folder);
    }
}
