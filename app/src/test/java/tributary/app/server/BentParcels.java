package tributary.app.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import tributary.model.TenantId;
import tributary.sinks.Parcel;
import tributary.sinks.Parcels;
import tributary.sinks.SharedParcels;

/// The way of parcels to a sink with a mistake in it.
public final class BentParcels {
    private final SinkBug bug;
    private final MoodyReceiver receiver;
    private final LongSupplier spooled;

    /// @param receiver knows what arrived
    /// @param spooled  bytes that wait in files
    public BentParcels(SinkBug bug, MoodyReceiver receiver, LongSupplier spooled) {
        this.bug = bug;
        this.receiver = receiver;
        this.spooled = spooled;
    }

    /// @return what all sinks share
    public SharedParcels shared(SharedParcels real) {
        return bug == SinkBug.RELEASED_TOO_EARLY ? new Hasty(real) : real;
    }

    /// @return what the sink reads
    public Parcels line(Parcels real) {
        return switch (bug) {
            case READER_SKIPS, ORDER_LOST, READER_GOES_BACK, FILES_NOT_READ -> new Bent(real);
            default -> real;
        };
    }

    /// Lets everything go at once.
    private record Hasty(SharedParcels rest) implements SharedParcels {
        @Override
        public long start() {
            return rest.start();
        }

        @Override
        public Page all(long from) {
            return rest.all(from);
        }

        @Override
        public boolean crowded() {
            return false;
        }

        @Override
        public boolean full() {
            return rest.full();
        }

        @Override
        public void release(long before) {
            rest.release(rest.end());
        }

        @Override
        public long end() {
            return rest.end();
        }

        @Override
        public Reader reader(TenantId tenant, String sink, long from) {
            return new Blind(rest.reader(tenant, sink, from), rest);
        }
    }

    /// Does not see what was let go.
    private record Blind(Parcels.Reader rest, SharedParcels of) implements Parcels.Reader {
        @Override
        public Parcels.Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException {
            Parcels.Page page = rest.next(wait, countMax, bytesMax);
            return new Parcels.Page(
                    page.parcels().stream()
                            .filter(parcel -> parcel.position() >= of.start())
                            .toList(),
                    page.next());
        }

        @Override
        public void seek(long position) {
            rest.seek(position);
        }

        @Override
        public void close() {
            rest.close();
        }
    }

    /// What a sink reads, with a mistake in it.
    private final class Bent implements Parcels {
        private final Parcels rest;

        Bent(Parcels rest) {
            this.rest = rest;
        }

        @Override
        public long end() {
            return rest.end();
        }

        @Override
        public Reader reader(TenantId tenant, String sink, long from) {
            Reader reader = rest.reader(tenant, sink, bug == SinkBug.READER_GOES_BACK ? back(from) : from);
            return new Reader() {
                @Override
                public Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException {
                    boolean files = spooled.getAsLong() > 0;
                    Page page = reader.next(wait, countMax, bytesMax);
                    List<Parcel> found = new ArrayList<>(page.parcels());
                    if (bug == SinkBug.READER_SKIPS && found.size() == countMax && countMax > 1
                            || bug == SinkBug.FILES_NOT_READ && files && !found.isEmpty()) {
                        found.removeLast();
                    } else if (bug == SinkBug.ORDER_LOST) {
                        found = new ArrayList<>(found.reversed());
                    }
                    return new Page(found, page.next());
                }

                @Override
                public void seek(long position) {
                    reader.seek(position);
                }

                @Override
                public void close() {
                    reader.close();
                }
            };
        }

        private long back(long from) {
            return receiver.arrived().stream()
                    .mapToLong(Parcel::position)
                    .filter(position -> position < from)
                    .max()
                    .orElse(from);
        }
    }
}
