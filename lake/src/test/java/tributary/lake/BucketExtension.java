package tributary.lake;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tributary.bucket.BucketSettings;
import tributary.testkit.PostgresServer;
import tributary.testkit.S3Server;

/// Runs a server that speaks S3's protocol and one PostgreSQL, once for the whole test run, and gives out places for
/// lakes there.
final class BucketExtension implements BeforeAllCallback {
    private static final AtomicInteger PLACES = new AtomicInteger();

    private Servers servers;

    @Override
    public void beforeAll(ExtensionContext context) {
        servers = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(BucketExtension.class))
                .computeIfAbsent("servers", _ -> Servers.start(), Servers.class);
    }

    /// @return a bucket and a database that nobody else uses
    Warehouse place() {
        return place(512L << 20);
    }

    Warehouse place(long copyBytesMax) {
        String name = "lake" + PLACES.incrementAndGet();
        servers.postgres.run("postgres", "CREATE DATABASE " + name);
        servers.s3.bucket(name);
        return new Warehouse(
                bucket(name, "some/prefix"),
                servers.postgres.url(name),
                "postgres",
                servers.postgres.passwordFile().toString(),
                copyBytesMax);
    }

    BucketSettings bucket(String name, String prefix) {
        return new BucketSettings(
                name,
                prefix,
                servers.s3.endpoint(),
                "",
                true,
                S3Server.ACCESS_KEY,
                servers.s3.secretFile().toString());
    }

    /// @return the folder in which the server keeps the bucket's objects
    Path objects(String name) {
        return servers.s3.objects(name);
    }

    PostgresServer postgres() {
        return servers.postgres;
    }

    private record Servers(S3Server s3, PostgresServer postgres) implements AutoCloseable {
        static Servers start() {
            return new Servers(S3Server.start(), PostgresServer.start());
        }

        @Override
        public void close() throws Exception {
            postgres.close();
            s3.close();
        }
    }
}
