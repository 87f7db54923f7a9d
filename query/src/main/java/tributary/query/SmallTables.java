package tributary.query;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;
import tributary.model.TenantId;
import tributary.query.wire.Frame;
import tributary.query.wire.Kind;
import tributary.query.wire.Packer;
import tributary.query.wire.SmallTable;
import tributary.query.wire.TypeView;
import tributary.query.wire.Views;
import tributary.registry.Alerts;
import tributary.registry.Device;
import tributary.registry.Devices;
import tributary.registry.Registry;
import tributary.registry.Sensors;

/// Sends whole small tables to a worker, frame by frame.
final class SmallTables {
    private static final int FRAME_BYTES = 1 << 20;
    private static final int PAGE = 1000;
    private static final int ALERTS_MAX = 200_000;

    private final WorkerProcess worker;

    SmallTables(WorkerProcess worker) {
        this.worker = worker;
    }

    /// Sends the devices and sensors of `tenant`, and the views that follow from them.
    void registry(TenantId tenant, Registry registry) throws InterruptedException {
        TypeViews views = new TypeViews();
        Writer devices = new Writer(SmallTable.DEVICES);
        @Nullable Device last = null;
        List<Device> page;
        do {
            page = registry.devices().list(tenant, Devices.Filter.ALL, last == null ? null : last.id(), PAGE);
            for (Device device : page) {
                devices.text(device.id().value())
                        .text(device.parent() == null ? null : device.parent().value())
                        .text(device.type())
                        .text(json(device.labels()))
                        .text(device.metadata().isBlank() ? "{}" : device.metadata())
                        .moment(device.createdAt())
                        .row();
                views.device(device);
                last = device;
            }
        } while (page.size() == PAGE);
        devices.end();
        Writer sensors = new Writer(SmallTable.SENSORS);
        Sensors.@Nullable Sensor seen = null;
        List<Sensors.Sensor> some;
        do {
            some = registry.sensors().all(tenant, seen, PAGE);
            for (Sensors.Sensor sensor : some) {
                sensors.text(sensor.device().value())
                        .text(sensor.path())
                        .text(kind(sensor.kind()))
                        .text(sensor.unit())
                        .number(sensor.min())
                        .number(sensor.max())
                        .moment(sensor.firstSeenAt())
                        .row();
                views.sensor(sensor);
                seen = sensor;
            }
        } while (some.size() == PAGE);
        sensors.end();
        List<TypeView> made = views.views();
        worker.load(new Views(made.stream().map(TypeView::name).toList(), made).frame());
    }

    /// Sends the alerts of `tenant`, so many at most.
    void alerts(TenantId tenant, Alerts alerts) throws InterruptedException {
        Writer rows = new Writer(SmallTable.ALERTS);
        Alerts.@Nullable Key last = null;
        List<Alerts.Alert> page;
        int count = 0;
        do {
            page = alerts.page(tenant, last, PAGE);
            for (Alerts.Alert alert : page) {
                boolean known = !alert.ackedBy().isEmpty();
                rows.text(alert.key().rule())
                        .text(alert.key().name())
                        .text(alert.key().key())
                        .text(alert.state().slug())
                        .text(orNull(alert.severity()))
                        .text(orNull(alert.device()))
                        .text(orNull(alert.payload()))
                        .whole(alert.raises())
                        .moment(alert.firstRaised())
                        .moment(alert.raised())
                        .moment(alert.changed())
                        .text(orNull(alert.ackedBy()))
                        .moment(known ? alert.acked() : null)
                        .text(orNull(alert.endedBy()))
                        .flag(alert.silenced())
                        .row();
                last = alert.key();
            }
            count += page.size();
        } while (page.size() == PAGE && count < ALERTS_MAX);
        rows.end();
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String kind(Sensors.Kind kind) {
        return switch (kind) {
            case NUMBER -> "number";
            case TEXT -> "text";
            case BOOLEAN -> "boolean";
        };
    }

    private static String json(Map<String, String> labels) {
        StringBuilder text = new StringBuilder("{");
        new TreeMap<>(labels).forEach((key, value) -> {
            text.append(text.length() > 1 ? "," : "").append('"');
            text.append(JsonStringEncoder.getInstance().quoteAsCharArray(key)).append("\":\"");
            text.append(JsonStringEncoder.getInstance().quoteAsCharArray(value)).append('"');
        });
        return text.append('}').toString();
    }

    /// Cells in the order of the table's columns.
    private final class Writer {
        private final SmallTable table;
        private Packer cells = new Packer(FRAME_BYTES / 8);
        private int rows;
        private boolean first = true;

        Writer(SmallTable table) {
            this.table = table;
        }

        Writer text(@Nullable String text) {
            if (text == null) {
                cells.putByte(0);
            } else {
                cells.putByte(1).putText(text);
            }
            return this;
        }

        Writer number(@Nullable Double number) {
            if (number == null) {
                cells.putByte(0);
            } else {
                cells.putByte(1).putDouble(number);
            }
            return this;
        }

        Writer micros(long value) {
            cells.putByte(1).putLong(value);
            return this;
        }

        Writer whole(long value) {
            cells.putByte(1).putLong(value);
            return this;
        }

        Writer flag(boolean value) {
            cells.putByte(1).putByte(value ? 1 : 0);
            return this;
        }

        Writer moment(@Nullable Instant moment) {
            if (moment == null) {
                cells.putByte(0);
                return this;
            }
            return micros(TimeUnit.SECONDS.toMicros(moment.getEpochSecond())
                    + TimeUnit.NANOSECONDS.toMicros(moment.getNano()));
        }

        void row() throws InterruptedException {
            rows++;
            if (cells.size() > FRAME_BYTES) {
                send(false);
            }
        }

        void end() throws InterruptedException {
            send(true);
        }

        private void send(boolean last) throws InterruptedException {
            byte[] body = new Packer(cells.size() + 16)
                    .putByte(table.ordinal())
                    .putByte((first ? 1 : 0) | (last ? 2 : 0))
                    .putInt(rows)
                    .putRaw(cells)
                    .body();
            worker.load(new Frame(Kind.ROWS, 0, body));
            cells = new Packer(FRAME_BYTES / 8);
            rows = 0;
            first = false;
        }
    }
}
