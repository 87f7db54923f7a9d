package tributary.sinks;

import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// What one sink reads from: first what waits in its own files, then the outbox that all share.
///
/// @param moved before this position the outbox may have let go of what is in the files; read before and after each
///              look into the outbox, which may lose it meanwhile
record Line(SharedParcels shared, Spool spool, LongSupplier moved) implements Parcels {
    @Override
    public long end() {
        return shared.end();
    }

    @Override
    public Reader reader(TenantId tenant, String sink, long from) {
        return new Joined(shared.reader(tenant, sink, from), from);
    }

    private final class Joined implements Reader {
        private final Reader rest;
        private long position;

        Joined(Reader rest, long from) {
            this.rest = rest;
            this.position = from;
        }

        @Override
        public Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException {
            while (true) {
                long before = moved.getAsLong();
                if (position < before) {
                    Page page = read(before, countMax, bytesMax);
                    seek(page.next());
                    if (!page.parcels().isEmpty()) {
                        return page;
                    }
                    continue;
                }
                Page page = rest.next(wait, countMax, bytesMax);
                if (moved.getAsLong() <= position) {
                    position = page.next();
                    return page;
                }
                rest.seek(position);
            }
        }

        private Page read(long before, int countMax, long bytesMax) {
            try {
                return spool.read(position, before, countMax, bytesMax);
            } catch (IOException e) {
                throw new PlatformException(
                        Fault.DISK_FAILED,
                        "what waits for the sink cannot be read: %s. Look after the disk of the data folder."
                                .formatted(e.getMessage()),
                        e);
            }
        }

        @Override
        public void seek(long to) {
            position = to;
            rest.seek(to);
        }

        @Override
        public void close() {
            rest.close();
        }
    }
}
