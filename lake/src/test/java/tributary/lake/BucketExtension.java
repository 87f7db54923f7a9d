package tributary.lake;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tributary.lake.s3.BucketSettings;
import tributary.testkit.PostgresServer;

/// Runs a server that speaks S3's protocol and one PostgreSQL, once for the whole test run, and gives out places for
/// lakes there.
final class BucketExtension implements BeforeAllCallback {
    static final String ACCESS_KEY = "canary-access-key";
    static final String SECRET_KEY = "canary-secret-key";
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
        try {
            Files.createDirectories(servers.home.resolve("objects/" + name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
                "http://127.0.0.1:" + servers.s3.getPort(),
                "",
                true,
                ACCESS_KEY,
                servers.home.resolve("secret").toString());
    }

    /// @return the folder in which the server keeps the bucket's objects
    Path objects(String name) {
        return servers.home.resolve("objects/" + name);
    }

    PostgresServer postgres() {
        return servers.postgres;
    }

    private record Servers(Path home, S3Proxy s3, PostgresServer postgres) implements AutoCloseable {
        static Servers start() {
            try {
                Path home = Files.createTempDirectory("tributary-s3");
                Files.writeString(home.resolve("secret"), SECRET_KEY + "\n");
                Files.createDirectories(home.resolve("objects"));
                Properties files = new Properties();
                files.setProperty(
                        "jclouds.filesystem.basedir", home.resolve("objects").toString());
                S3Proxy s3 = S3Proxy.builder()
                        .blobStore(BlobStores.create("filesystem-nio2", files))
                        .endpoint(URI.create("http://127.0.0.1:0"))
                        .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
                        .build();
                s3.start();
                return new Servers(home, s3, PostgresServer.start());
            } catch (Exception e) {
                throw new IllegalStateException("the servers do not start", e);
            }
        }

        @Override
        public void close() throws Exception {
            postgres.close();
            s3.stop();
            try (Stream<Path> files = Files.walk(home)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }
}
