package tributary.sinks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/// A small disk of memory, which can be full and have room again.
public final class FullDisk implements AutoCloseable {
    private final Path at;

    private FullDisk(Path at) {
        this.at = at;
    }

    /// Only root can do that; others skip the test.
    ///
    /// @param at a folder, whose content is out of sight until the end
    public static FullDisk mount(Path at) throws IOException {
        Assumptions.assumeTrue(shell("mount -t tmpfs -o size=4m tributary-test " + at) == 0, "only root can mount");
        return new FullDisk(at);
    }

    /// From now on no byte more fits.
    public void fill() throws IOException {
        shell("dd if=/dev/zero of=" + filler() + " bs=4k count=2000 2>/dev/null");
    }

    public void free() throws IOException {
        Files.delete(filler());
    }

    private Path filler() {
        return at.resolve("filler");
    }

    @Override
    public void close() throws IOException {
        shell("umount -l " + at);
    }

    private static int shell(String command) throws IOException {
        try {
            return new ProcessBuilder("sh", "-c", command).start().waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
