package tributary.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Properties;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;

/// A server that speaks S3's protocol, in this process, on a free loopback port; its objects are files in a
/// temporary folder.
public record S3Server(Path home, S3Proxy proxy) implements AutoCloseable {
    public static final String ACCESS_KEY = "canary-access-key";
    public static final String SECRET_KEY = "canary-secret-key";

    public static S3Server start() {
        try {
            Path home = Files.createTempDirectory("tributary-s3");
            Files.writeString(home.resolve("secret"), SECRET_KEY + "\n");
            Files.createDirectories(home.resolve("objects"));
            return at(home, 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static S3Server at(Path home, int port) {
        try {
            Properties files = new Properties();
            files.setProperty(
                    "jclouds.filesystem.basedir", home.resolve("objects").toString());
            S3Proxy proxy = S3Proxy.builder()
                    .blobStore(BlobStores.create("filesystem-nio2", files))
                    .endpoint(URI.create("http://127.0.0.1:" + port))
                    .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
                    .ignoreUnknownHeaders(true) // keys for a while come with a token, which it does not know
                    .build();
            proxy.start();
            return new S3Server(home, proxy);
        } catch (Exception e) {
            throw new IllegalStateException("the server of objects does not start", e);
        }
    }

    /// Ends the server in the middle of whatever it does; its objects stay.
    ///
    /// @return starts one with the same objects at the same port
    public Supplier<S3Server> stop() {
        int port = proxy.getPort();
        try {
            proxy.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the server of objects does not stop", e);
        }
        return () -> at(home, port);
    }

    public String endpoint() {
        return "http://127.0.0.1:" + proxy.getPort();
    }

    /// @return a file whose first line is the secret key
    public Path secretFile() {
        return home.resolve("secret");
    }

    /// Makes a bucket.
    ///
    /// @return the folder in which its objects are
    public Path bucket(String name) {
        try {
            return Files.createDirectories(objects(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @return the folder in which the bucket's objects are
    public Path objects(String name) {
        return home.resolve("objects").resolve(name);
    }

    @Override
    public void close() throws Exception {
        proxy.stop();
        try (Stream<Path> files = Files.walk(home)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
