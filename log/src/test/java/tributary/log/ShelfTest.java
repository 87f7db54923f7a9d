package tributary.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.Disk;
import tributary.model.DiskFile;

class ShelfTest {
    private static final long MB = 1 << 20;

    @TempDir
    private Path folder;

    private final AtomicInteger flushes = new AtomicInteger();
    private final AtomicLong claimed = new AtomicLong();

    @Test
    void aWriterThatWaitsForALargeFileGetsWhatIsMadeOfItOnASlowDisk() throws Exception {
        SlowDisk disk = new SlowDisk(new FileDisk(folder));
        Shelf shelf = shelf(disk);
        for (int i = 0; i < 4; i++) {
            shelf.take(MB, false).file().close(); // each doubles the next
        }
        flushes.set(0);
        Waiting writer = new Waiting(() -> shelf.take(MB, false));
        disk.writerComesAtFlush(7, writer);

        shelf.prepareAhead();

        Shelf.Blank got = writer.result();
        assertThat(got.bytes()).isEqualTo(7 * MB);
        assertThat(got.file().size()).isEqualTo(7 * MB);
        assertThat(flushes.get()).isEqualTo(7);
        assertThat(claimed.get()).as("what is not used is given back").isEqualTo(4 * 4 * MB + 7 * MB);
        got.file().close();
    }

    @Test
    void aFileThatNobodyWaitsForIsMadeToItsFullSize() throws Exception {
        Shelf shelf = shelf(new FileDisk(folder));
        shelf.take(MB, false).file().close();

        shelf.prepareAhead();

        Shelf.Blank got = shelf.take(MB, false);
        assertThat(got.bytes()).isEqualTo(8 * MB);
        got.file().close();
    }

    private Shelf shelf(Disk disk) throws IOException {
        disk.makeFolder("p0");
        LogSettings settings = new LogSettings(1, 64 * MB, MB, 0, Duration.ofDays(1), 1024 * MB);
        LogWorld world = new LogWorld(disk, InstantSource.system(), new SplittableRandom(1), settings, Set.of());
        Shelf.Room room = new Shelf.Room() {
            @Override
            public void claim(long bytes) {
                claimed.addAndGet(bytes);
            }

            @Override
            public void overdraw(long bytes) {
                claimed.addAndGet(bytes);
            }

            @Override
            public void giveBack(long bytes) {
                claimed.addAndGet(-bytes);
            }
        };
        return new Shelf(
                world, "p0", room, new Recovery.Found(List.of(), 0, 0, Long.MIN_VALUE, -1, List.of(), List.of(), 0));
    }

    /// A writer's thread that comes while the keeper is at work, and is known to wait before the keeper goes on.
    private static final class Waiting {
        private final FutureTask<Shelf.Blank> task;
        private final Thread thread;

        Waiting(Callable<Shelf.Blank> take) {
            task = new FutureTask<>(take);
            thread = Thread.ofPlatform().unstarted(task);
        }

        void come() {
            thread.start();
            while (thread.getState() != Thread.State.BLOCKED) {
                LockSupport.parkNanos(100_000);
            }
        }

        Shelf.Blank result() throws Exception {
            return task.get(60, TimeUnit.SECONDS);
        }
    }

    /// Counts flushes, and lets a writer come at one of them.
    private final class SlowDisk implements Disk {
        private final Disk files;
        private int at;
        private @Nullable Waiting writer;

        SlowDisk(Disk files) {
            this.files = files;
        }

        void writerComesAtFlush(int flush, Waiting comes) {
            at = flush;
            writer = comes;
        }

        @Override
        public DiskFile create(String path) throws IOException {
            return new SlowFile(files.create(path));
        }

        @Override
        public DiskFile open(String path) throws IOException {
            return files.open(path);
        }

        @Override
        public List<String> list(String folder) throws IOException {
            return files.list(folder);
        }

        @Override
        public void makeFolder(String folder) throws IOException {
            files.makeFolder(folder);
        }

        @Override
        public void delete(String path) throws IOException {
            files.delete(path);
        }

        @Override
        public void rename(String from, String to) throws IOException {
            files.rename(from, to);
        }

        @Override
        public void forceFolder(String folder) throws IOException {
            files.forceFolder(folder);
        }

        @Override
        public String describe(String path) {
            return files.describe(path);
        }

        private final class SlowFile implements DiskFile {
            private final DiskFile file;

            SlowFile(DiskFile file) {
                this.file = file;
            }

            @Override
            public void force() throws IOException {
                file.force();
                Waiting comes = writer;
                if (flushes.incrementAndGet() == at && comes != null) {
                    comes.come();
                }
            }

            @Override
            public void write(ByteBuffer bytes, long offset) throws IOException {
                file.write(bytes, offset);
            }

            @Override
            public int read(ByteBuffer into, long offset) throws IOException {
                return file.read(into, offset);
            }

            @Override
            public void truncate(long size) throws IOException {
                file.truncate(size);
            }

            @Override
            public long size() throws IOException {
                return file.size();
            }

            @Override
            public void close() throws IOException {
                file.close();
            }
        }
    }
}
