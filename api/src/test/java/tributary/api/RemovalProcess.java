package tributary.api;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// A river in a process of its own, which others go on sending to: prints how far the removal of `acme` is whenever
/// that changes, until it is killed.
final class RemovalProcess {
    private RemovalProcess() {}

    /// @param arguments the data folder, and a key of the operator
    public static void main(String[] arguments) throws Exception {
        Thread.ofPlatform().daemon().start(RemovalProcess::endWithTheTest);
        try (River river = new River(Path.of(arguments[0]), InstantSource.system())) {
            String before = "";
            while (true) {
                String phase = river.get(arguments[1], "/api/v1/tenant-removals")
                        .path("removals")
                        .path(0)
                        .path("phase")
                        .asString("");
                if (!phase.equals(before)) {
                    System.out.println("phase " + phase);
                    before = phase;
                }
                for (int i = 0; i < 5; i++) {
                    river.publish(TenantId.MAIN, new DeviceId("ours"), "{\"f\":\"" + "x".repeat(200) + "\"}", false);
                }
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
    }

    /// The test holds the other end of the input.
    private static void endWithTheTest() {
        try {
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        } catch (java.io.IOException e) {
            // gone, too
        }
        Runtime.getRuntime().halt(1);
    }
}
