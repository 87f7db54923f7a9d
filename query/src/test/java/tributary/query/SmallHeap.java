package tributary.query;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import tributary.model.TenantId;

/// A main process with a small heap that lets a large answer through in every format. For [FormatsTest].
final class SmallHeap {
    private SmallHeap() {}

    /// @param arguments a folder, and how many rows
    public static void main(String[] arguments) throws Exception {
        try (QueryWorld world = new QueryWorld(Path.of(arguments[0]))) {
            for (RowFormat format : RowFormat.values()) {
                AtomicLong bytes = new AtomicLong();
                try (Rows rows = world.engine.sql(
                        TenantId.MAIN,
                        "SELECT range AS n, md5(range::VARCHAR) || repeat('x', 100) || md5((range + 1)::VARCHAR) AS t"
                                + " FROM range(" + arguments[1] + ")",
                        QueryEngine.QueryLimits.DEFAULTS)) {
                    rows.writeTo(format, counting(bytes));
                }
                System.out.println(format + " " + bytes.get());
            }
            String peak = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .findFirst()
                    .orElse("0");
            System.out.println("PEAK " + Long.parseLong(peak.replaceAll("\\D", "")) * 1024);
        }
    }

    static OutputStream counting(AtomicLong bytes) {
        return new OutputStream() {
            @Override
            public void write(int b) {
                bytes.incrementAndGet();
            }

            @Override
            public void write(byte[] b, int off, int len) {
                bytes.addAndGet(len);
            }
        };
    }
}
