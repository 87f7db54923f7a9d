package tributary.api;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.function.ToDoubleFunction;
import tributary.lake.Lake;
import tributary.log.Log;

/// Binds what the stations count to the meters that `/metrics` shows.
final class Figures {
    private Figures() {}

    static void bind(MeterRegistry meters, Log log, Lake lake, LiveStreams streams) {
        new JvmMemoryMetrics().bindTo(meters);
        new JvmThreadMetrics().bindTo(meters);
        new ClassLoaderMetrics().bindTo(meters);
        new ProcessorMetrics().bindTo(meters);
        new UptimeMetrics().bindTo(meters);
        new FileDescriptorMetrics().bindTo(meters);
        log(meters, log);
        lake(meters, lake);
        care(meters, lake);
        gauge(meters, streams, "tributary.live.streams", "open live streams", LiveStreams::count);
    }

    private static void log(MeterRegistry meters, Log log) {
        count(
                meters,
                log,
                "tributary.log.appended",
                "records made durable",
                l -> l.stats().appended());
        count(
                meters,
                log,
                "tributary.log.refused",
                "records refused",
                l -> l.stats().refused());
        count(meters, log, "tributary.log.flushes", "flushes", l -> l.stats().flushes());
        count(
                meters,
                log,
                "tributary.log.flush.seconds",
                "time in flushes",
                l -> l.stats().flushMicros() / 1e6);
        gauge(
                meters,
                log,
                "tributary.log.bytes",
                "bytes of all segments",
                l -> l.stats().bytes());
        gauge(
                meters,
                log,
                "tributary.log.pending.bytes",
                "bytes waiting for the disk",
                l -> l.stats().pendingBytes());
        gauge(
                meters,
                log,
                "tributary.log.damaged.stretches",
                "stretches that cannot be read",
                l -> l.damage().size());
        for (int partition = 0; partition < log.partitions(); partition++) {
            int number = partition;
            Gauge.builder("tributary.log.end", log, l -> l.end(number))
                    .description("position after the last durable record")
                    .tag("partition", Integer.toString(number))
                    .register(meters);
        }
    }

    private static void care(MeterRegistry meters, Lake lake) {
        gauge(
                meters,
                lake,
                "tributary.lake.files.small",
                "data files below half of the target size",
                l -> l.care().smallFiles());
        gauge(
                meters,
                lake,
                "tributary.lake.files.waiting",
                "data files that are to be merged now",
                l -> l.care().waiting());
        gauge(
                meters,
                lake,
                "tributary.lake.snapshots",
                "snapshots that can be read",
                l -> l.care().snapshots());
        gauge(
                meters,
                lake,
                "tributary.lake.rollups.days",
                "days of readings that are rolled up as they are now",
                l -> l.care().rolledDays());
        gauge(
                meters,
                lake,
                "tributary.lake.rollups.due",
                "days that are over and not rolled up, or not any more",
                l -> l.care().rollupsDue());
        gauge(
                meters,
                lake,
                "tributary.lake.erasures",
                "erasures under way",
                l -> l.care().erasures());
        count(
                meters,
                lake,
                "tributary.lake.merges",
                "merges of small files",
                l -> l.care().merges());
        count(
                meters,
                lake,
                "tributary.lake.merged.bytes",
                "bytes of files that were merged",
                l -> l.care().mergedBytes());
        count(
                meters,
                lake,
                "tributary.lake.removed.files",
                "files that retention or the disk's limit took out",
                l -> l.care().removedFiles());
        gauge(
                meters,
                lake,
                "tributary.lake.disk.bytes",
                "bytes of the lake's folder",
                l -> l.care().diskBytes());
        gauge(
                meters,
                lake,
                "tributary.lake.disk.bytes.max",
                "what it may take, 0 for no limit",
                l -> l.care().diskBytesMax());
    }

    private static void lake(MeterRegistry meters, Lake lake) {
        count(
                meters,
                lake,
                "tributary.lake.readings",
                "readings decoded",
                l -> l.stats().readings());
        count(
                meters,
                lake,
                "tributary.lake.rejected",
                "parts of payloads rejected",
                l -> l.stats().rejected());
        count(meters, lake, "tributary.lake.commits", "commits", l -> l.stats().commits());
        gauge(
                meters,
                lake,
                "tributary.lake.hot.rows",
                "rows not sealed yet",
                l -> l.stats().hotRows());
        gauge(meters, lake, "tributary.lake.files", "data files", l -> l.stats().files());
        gauge(
                meters,
                lake,
                "tributary.lake.bytes",
                "bytes in data files",
                l -> l.stats().bytes());
        gauge(
                meters,
                lake,
                "tributary.lake.rows",
                "rows in data files",
                l -> l.stats().rows());
        gauge(
                meters,
                lake,
                "tributary.lake.lag.records",
                "log records not visible yet",
                l -> l.stats().lagRecords());
    }

    private static <T> void count(
            MeterRegistry meters, T station, String name, String doc, ToDoubleFunction<T> figure) {
        FunctionCounter.builder(name, station, figure).description(doc).register(meters);
    }

    private static <T> void gauge(
            MeterRegistry meters, T station, String name, String doc, ToDoubleFunction<T> figure) {
        Gauge.builder(name, station, figure).description(doc).register(meters);
    }
}
