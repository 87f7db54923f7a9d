package tributary.lake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Copies of a bucket's files in a folder, up to a number of bytes; those that were not read for longest go first, and
/// none that is held. Files never change, so a copy is right or not there. Any thread.
final class FileCache {
    private static final Logger LOG = LoggerFactory.getLogger(FileCache.class);
    private static final int FETCHES_AT_ONCE = 8;
    private static final String PART = ".part-";

    private final long bytesMax;
    private final Source source;
    private final Map<Path, Copy> copies = new LinkedHashMap<>(64, 0.75f, true);
    private final Semaphore fetching = new Semaphore(FETCHES_AT_ONCE);
    private final AtomicLong parts = new AtomicLong();
    private long bytes;

    /// Where files come from.
    interface Source {
        /// @param into is not there yet
        void fetch(Path file, Path into) throws IOException;
    }

    private static final class Copy {
        final long bytes;
        int holds;
        boolean unwanted;

        Copy(long bytes) {
            this.bytes = bytes;
        }
    }

    FileCache(long bytesMax, Source source) {
        this.bytesMax = bytesMax;
        this.source = source;
    }

    synchronized long bytes() {
        return bytes;
    }

    /// A file that was written here is a copy from now on.
    void add(Path file, long size) {
        synchronized (this) {
            if (copies.putIfAbsent(file, new Copy(size)) == null) {
                bytes += size;
            }
        }
        evict();
    }

    /// Fetches what is not here.
    Hold hold(Collection<Path> files) throws IOException {
        List<Path> held = new ArrayList<>();
        List<Path> missing = new ArrayList<>();
        synchronized (this) {
            for (Path file : files) {
                (holdCopy(file) ? held : missing).add(file);
            }
        }
        boolean done = false;
        try {
            fetch(missing, held);
            done = true;
        } finally {
            if (!done) {
                release(held);
            }
        }
        return () -> release(held);
    }

    private synchronized boolean holdCopy(Path file) {
        Copy copy = copies.get(file);
        if (copy == null || copy.unwanted) {
            return false;
        }
        copy.holds++;
        return true;
    }

    private void fetch(List<Path> missing, List<Path> held) throws IOException {
        if (missing.isEmpty()) {
            return;
        }
        List<Callable<Path>> fetches = new ArrayList<>();
        missing.forEach(file -> fetches.add(() -> fetch(file)));
        IOException failure = null;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Path> one : threads.invokeAll(fetches)) {
                try {
                    held.add(one.get());
                } catch (ExecutionException e) {
                    failure = e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("fetching files of the bucket was interrupted", e);
        }
        evict();
        if (failure != null) {
            throw failure;
        }
    }

    /// Two that want the same file at the same moment may both fetch it; the second copy is dropped.
    private Path fetch(Path file) throws IOException, InterruptedException {
        fetching.acquire();
        Path part = file.resolveSibling(file.getFileName() + PART + parts.incrementAndGet());
        try {
            if (holdCopy(file)) {
                return file;
            }
            Folders.make(Folders.parent(file));
            source.fetch(file, part);
            synchronized (this) {
                if (!holdCopy(file)) {
                    long size = Files.size(part);
                    Files.move(part, file);
                    Copy copy = new Copy(size);
                    copy.holds = 1;
                    copies.put(file, copy);
                    bytes += size;
                }
            }
            return file;
        } finally {
            Files.deleteIfExists(part);
            fetching.release();
        }
    }

    private void release(List<Path> held) {
        synchronized (this) {
            for (Path file : held) {
                Copy copy = copies.get(file);
                if (copy != null) {
                    copy.holds--;
                    if (copy.unwanted && copy.holds == 0) {
                        drop(file, copy);
                        copies.remove(file);
                    }
                }
            }
        }
        evict();
    }

    /// Removes the copy, as soon as nobody reads it.
    synchronized void remove(Path file) throws IOException {
        Copy copy = copies.get(file);
        if (copy == null) {
            Files.deleteIfExists(file);
        } else if (copy.holds > 0) {
            copy.unwanted = true;
        } else {
            drop(file, copy);
            copies.remove(file);
        }
    }

    private synchronized void evict() {
        Iterator<Map.Entry<Path, Copy>> oldest = copies.entrySet().iterator();
        while (bytes > bytesMax && oldest.hasNext()) {
            Map.Entry<Path, Copy> copy = oldest.next();
            if (copy.getValue().holds == 0) {
                drop(copy.getKey(), copy.getValue());
                oldest.remove();
            }
        }
    }

    private void drop(Path file, Copy copy) {
        bytes -= copy.bytes;
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.warn("the copy {} of a file of the bucket cannot be removed: {}", file, e.getMessage());
        }
    }
}
