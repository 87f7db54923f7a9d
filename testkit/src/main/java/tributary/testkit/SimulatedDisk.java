package tributary.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;
import tributary.model.Disk;
import tributary.model.DiskFile;

/// A disk in memory that fails as real ones do. What is drawn comes from the given generator only, so that a seed
/// tells the whole story.
///
/// - What was not flushed is lost, torn or kept at random when [#cutPower] is called; names that were not forced too.
/// - [#kill] ends the process and keeps everything it wrote.
/// - A flush that fails clears the marks of what it should have written: the next one "succeeds" without writing it.
/// - [#capacity], [#damage], [#cutAtRest], [#holdForces] and [#dieAfter] do what their names say.
public final class SimulatedDisk implements Disk {
    /// How often something fails, as one in so many calls; 0 is never.
    public record Rates(int write, int force, int forceFolder, int create) {
        public static final Rates NONE = new Rates(0, 0, 0, 0);
    }

    private final RandomGenerator random;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition released = lock.newCondition();

    /// Names as every process sees them, and as they are on the medium.
    private final Map<String, SimulatedFile> seen = new TreeMap<>();

    private final Map<String, SimulatedFile> stored = new TreeMap<>();
    private final Set<String> folders = new TreeSet<>(Set.of(""));

    private Rates rates = Rates.NONE;
    private long capacityBytes = Long.MAX_VALUE;
    private boolean forcesHeld;
    private int forcesFailing;
    private long callsToLive = Long.MAX_VALUE;
    private boolean dead;
    private int life;
    private long calls;

    public SimulatedDisk(RandomGenerator random) {
        this.random = random;
    }

    /// Sets how often calls fail from now on.
    public void rates(Rates to) {
        locked(() -> rates = to);
    }

    /// Lets the next `count` flushes of files fail.
    public void failForces(int count) {
        locked(() -> forcesFailing = count);
    }

    /// Sets how many bytes all files may have together from now on; files that are there stay.
    public void capacity(long bytes) {
        locked(() -> capacityBytes = bytes);
    }

    /// @return how many bytes all files have together
    public long used() {
        lock.lock();
        try {
            return usedBytes();
        } finally {
            lock.unlock();
        }
    }

    /// Lets flushes wait until [#releaseForces].
    public void holdForces() {
        locked(() -> forcesHeld = true);
    }

    public void releaseForces() {
        locked(() -> {
            forcesHeld = false;
            released.signalAll();
        });
    }

    /// Lets the process die in the middle of a call to come: after `count` more that change something.
    public void dieAfter(long count) {
        locked(() -> callsToLive = count);
    }

    /// @return whether the process has died of [#dieAfter]
    public boolean hasDied() {
        lock.lock();
        try {
            return dead;
        } finally {
            lock.unlock();
        }
    }

    /// @return how many calls changed something so far
    public long calls() {
        lock.lock();
        try {
            return calls;
        } finally {
            lock.unlock();
        }
    }

    /// Ends the process; what it wrote stays to be seen, flushed or not.
    public void kill() {
        locked(this::restart);
    }

    /// Ends the process and the power: what was not flushed is lost, torn or kept at random.
    public void cutPower() {
        locked(() -> {
            Set<SimulatedFile> cut = new HashSet<>();
            Set<String> names = new TreeSet<>(seen.keySet());
            names.addAll(stored.keySet());
            for (String name : names) {
                if (seen.get(name) != stored.get(name)) {
                    put(random.nextBoolean() ? seen : stored, name, seen, stored);
                }
                SimulatedFile file = seen.get(name);
                if (file != null && cut.add(file)) {
                    file.cutPower(random);
                }
            }
            restart();
        });
    }

    /// @return the names of all files, sorted
    public List<String> files() {
        lock.lock();
        try {
            return List.copyOf(seen.keySet());
        } finally {
            lock.unlock();
        }
    }

    /// @return the size of a file
    public int sizeOf(String path) {
        lock.lock();
        try {
            return known(path).size();
        } finally {
            lock.unlock();
        }
    }

    /// @return one byte of a file
    public byte byteAt(String path, int offset) {
        lock.lock();
        try {
            return known(path).at(offset);
        } finally {
            lock.unlock();
        }
    }

    /// Changes bytes of a file behind everybody's back, in memory and on the medium.
    public void damage(String path, int offset, byte[] with) {
        locked(() -> known(path).damage(offset, with));
    }

    /// Cuts a file off behind everybody's back.
    public void cutAtRest(String path, int size) {
        locked(() -> known(path).cutAtRest(size));
    }

    @Override
    public List<String> list(String folder) throws IOException {
        lock.lock();
        try {
            live();
            return seen.keySet().stream()
                    .filter(path -> parent(path).equals(folder))
                    .map(path -> path.substring(path.lastIndexOf('/') + 1))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void makeFolder(String folder) throws IOException {
        lock.lock();
        try {
            live();
            folders.add(folder);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public DiskFile create(String path) throws IOException {
        lock.lock();
        try {
            change();
            fail(rates.create(), "create");
            if (!folders.contains(parent(path))) {
                throw new NoSuchFileException(path);
            }
            if (seen.containsKey(path)) {
                throw new FileAlreadyExistsException(path);
            }
            SimulatedFile file = new SimulatedFile();
            seen.put(path, file);
            return new Handle(file, life);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public DiskFile open(String path) throws IOException {
        lock.lock();
        try {
            live();
            SimulatedFile file = seen.get(path);
            if (file == null) {
                throw new NoSuchFileException(path);
            }
            return new Handle(file, life);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void delete(String path) throws IOException {
        lock.lock();
        try {
            change();
            seen.remove(path);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        lock.lock();
        try {
            change();
            SimulatedFile file = seen.remove(from);
            if (file == null) {
                throw new NoSuchFileException(from);
            }
            seen.put(to, file);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void forceFolder(String folder) throws IOException {
        lock.lock();
        try {
            change();
            fail(rates.forceFolder(), "flush of a folder");
            Set<String> names = new TreeSet<>(seen.keySet());
            names.addAll(stored.keySet());
            for (String name : names) {
                if (parent(name).equals(folder)) {
                    put(seen, name, stored, stored);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String describe(String path) {
        return "simulated:/" + path;
    }

    private static void put(
            Map<String, SimulatedFile> from,
            String name,
            Map<String, SimulatedFile> to,
            Map<String, SimulatedFile> alsoTo) {
        SimulatedFile file = from.get(name);
        for (Map<String, SimulatedFile> names : List.of(to, alsoTo)) {
            if (file == null) {
                names.remove(name);
            } else {
                names.put(name, file);
            }
        }
    }

    private void restart() {
        life++;
        dead = false;
        callsToLive = Long.MAX_VALUE;
        forcesHeld = false;
        released.signalAll();
    }

    private void live() {
        if (dead) {
            throw new ProcessDied();
        }
    }

    /// Counts a call that changes something.
    ///
    /// @return whether the process dies in this very call, half of it done
    private boolean dying() {
        live();
        calls++;
        callsToLive--;
        if (callsToLive <= 0) {
            dead = true;
        }
        return dead;
    }

    private void change() {
        if (dying()) {
            throw new ProcessDied();
        }
    }

    private void fail(int oneIn, String what) throws IOException {
        if (oneIn > 0 && random.nextInt(oneIn) == 0) {
            throw new IOException("simulated failure: " + what);
        }
    }

    private long usedBytes() {
        Map<SimulatedFile, Boolean> counted = new IdentityHashMap<>();
        seen.values().forEach(file -> counted.put(file, true));
        return counted.keySet().stream().mapToLong(SimulatedFile::size).sum();
    }

    private SimulatedFile known(String path) {
        return Objects.requireNonNull(seen.get(path), () -> "no file " + path);
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    private void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    private final class Handle implements DiskFile {
        private final SimulatedFile file;
        private final int bornIn;

        Handle(SimulatedFile file, int bornIn) {
            this.file = file;
            this.bornIn = bornIn;
        }

        @Override
        public void write(ByteBuffer bytes, long offset) throws IOException {
            lock.lock();
            try {
                ofThisLife();
                boolean dies = dying();
                int count = bytes.remaining();
                boolean fails = rates.write() > 0 && random.nextInt(rates.write()) == 0;
                if (dies || fails) {
                    count = random.nextInt(count + 1);
                }
                long room = Math.max(0, capacityBytes - usedBytes());
                int fitting = (int) Math.min(count, Math.max(0, file.size() + room - offset));
                boolean full = fitting < count;
                file.write(bytes, fitting, Math.toIntExact(offset));
                if (dies) {
                    throw new ProcessDied();
                }
                if (full) {
                    throw new Disk.Full("No space left on device");
                }
                if (fails) {
                    throw new IOException("simulated failure: write");
                }
            } finally {
                lock.unlock();
            }
        }

        @Override
        public int read(ByteBuffer into, long offset) throws IOException {
            lock.lock();
            try {
                ofThisLife();
                live();
                return file.read(into, Math.toIntExact(offset));
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void force() throws IOException {
            lock.lock();
            try {
                ofThisLife();
                change();
                while (forcesHeld) {
                    released.awaitUninterruptibly();
                }
                ofThisLife();
                if (forcesFailing > 0 || rates.force() > 0 && random.nextInt(rates.force()) == 0) {
                    forcesFailing = Math.max(0, forcesFailing - 1);
                    file.storeSome(random);
                    throw new IOException("simulated failure: flush");
                }
                file.store();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            lock.lock();
            try {
                ofThisLife();
                change();
                file.truncate(Math.toIntExact(size));
            } finally {
                lock.unlock();
            }
        }

        @Override
        public long size() throws IOException {
            lock.lock();
            try {
                ofThisLife();
                live();
                return file.size();
            } finally {
                lock.unlock();
            }
        }

        @Override
        public void close() {}

        private void ofThisLife() {
            if (bornIn != life) {
                throw new ProcessDied();
            }
        }
    }

    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        seen.forEach((name, file) -> lines.add(name + " " + file.size()));
        return String.join(", ", lines);
    }
}
