package tributary.api;

import java.time.Duration;
import java.util.List;
import tributary.model.TenantId;
import tributary.sinks.Outcome;
import tributary.sinks.Pace;
import tributary.sinks.Parcel;
import tributary.sinks.SharedParcels;
import tributary.sinks.Sink;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;

/// A kind of sink whose receivers are never there, and an outbox in which nothing ever is.
final class EchoType implements SinkType {
    static final SharedParcels NOTHING = new SharedParcels() {
        @Override
        public long end() {
            return 0;
        }

        @Override
        public Reader reader(TenantId tenant, String sink, long from) {
            return new Reader() {
                @Override
                public Page next(Duration wait, int countMax, long bytesMax) throws InterruptedException {
                    Thread.sleep(wait);
                    return new Page(List.of(), from);
                }

                @Override
                public void seek(long position) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public long start() {
            return 0;
        }

        @Override
        public Page all(long from) {
            return new Page(List.of(), from);
        }

        @Override
        public boolean crowded() {
            return false;
        }

        @Override
        public boolean full() {
            return false;
        }

        @Override
        public void release(long before) {}
    };

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public Pace pace() {
        return Pace.SINGLE;
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        String say = fields.text("say", "");
        fields.secret("word");
        return () -> new Sink() {
            @Override
            public Outcome deliver(List<Parcel> batch) {
                return Outcome.away("nobody listens to " + say);
            }

            @Override
            public void close() {}
        };
    }
}
