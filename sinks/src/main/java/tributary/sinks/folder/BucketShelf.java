package tributary.sinks.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.http.apache5.ProxyConfiguration;
import tributary.bucket.Bucket;
import tributary.bucket.BucketSettings;
import tributary.sinks.AddressGuard;

/// Files in a bucket. They grow on this machine, and are put whole: what is put twice, after a crash or a lost answer,
/// has the same name and the same bytes.
final class BucketShelf implements Shelf {
    private static final Duration CONNECT_TIME = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(30);

    private final BucketSettings settings;
    private final String secretKey;
    private final AddressGuard guard;
    private final Path parts;
    private @Nullable Bucket bucket;

    BucketShelf(BucketSettings settings, String secretKey, AddressGuard guard, Path parts) {
        this.settings = settings;
        this.secretKey = secretKey;
        this.guard = guard;
        this.parts = parts;
    }

    @Override
    public Path parts() {
        return parts;
    }

    @Override
    public void put(Map<String, String> moves) throws IOException {
        for (Map.Entry<String, String> move : moves.entrySet()) {
            Path from = parts.resolve(move.getKey());
            if (Files.exists(from)) {
                open().put(move.getValue(), from);
                Files.delete(from);
            }
        }
    }

    /// Connects when it is first needed.
    private Bucket open() throws IOException {
        Bucket open = bucket;
        if (open == null) {
            open = Bucket.open(settings, secretKey, guarded());
            bucket = open;
        }
        return open;
    }

    /// Names are looked up by the guard, and exactly those addresses are connected to; proxies of the environment
    /// are not used.
    private SdkHttpClient guarded() {
        return Apache5HttpClient.builder()
                .dnsResolver(new GuardedNames(guard))
                .proxyConfiguration(ProxyConfiguration.builder()
                        .useSystemPropertyValues(false)
                        .useEnvironmentVariableValues(false)
                        .build())
                .connectionTimeout(CONNECT_TIME)
                .socketTimeout(ANSWER_TIME)
                .build();
    }

    @Override
    public String place() {
        return "in " + settings.location();
    }

    @Override
    public void close() {
        Bucket open = bucket;
        if (open != null) {
            open.close();
        }
    }
}
