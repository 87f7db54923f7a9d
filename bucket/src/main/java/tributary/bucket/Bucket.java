package tributary.bucket;

import java.io.IOException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.StandardRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.StsClientBuilder;
import software.amazon.awssdk.services.sts.auth.StsWebIdentityTokenFileCredentialsProvider;
import tributary.model.SecretFile;

/// Objects of one bucket below one prefix, named by what comes after it. Any thread.
///
/// A request that got no answer is sent again, a few times with pauses. That is right for all of them: an object is put
/// whole, and always with the same bytes under a name.
public final class Bucket implements AutoCloseable {
    private static final int TRIES = 6;
    private static final int NOT_FOUND = 404;
    private static final Duration CONNECT_TIME = Duration.ofSeconds(5);
    private static final Duration ANSWER_TIME = Duration.ofSeconds(30);
    /// A file beyond this is sent in parts, so that a broken connection costs one of them.
    private static final int PART_BYTES = 32 << 20;

    private final S3Client client;
    private final SdkHttpClient http;
    private final String name;
    private final String start;

    /// An object that is there.
    ///
    /// @param key without the bucket's prefix
    public record Found(String key, long bytes, long writtenMillis) {}

    private Bucket(S3Client client, SdkHttpClient http, BucketSettings settings) {
        this.client = client;
        this.http = http;
        this.name = settings.name();
        this.start = settings.prefix().isEmpty() ? "" : settings.prefix() + "/";
    }

    /// Opens it with the secret key of its file, or with the credentials of environment, profile, container or
    /// machine; nothing is asked yet.
    public static Bucket open(BucketSettings settings) throws IOException {
        SdkHttpClient http = UrlConnectionHttpClient.builder()
                .connectionTimeout(CONNECT_TIME)
                .socketTimeout(ANSWER_TIME)
                .build();
        return open(settings, credentials(settings, http), http);
    }

    /// Opens it with a key of the caller's, and with nothing of what environment or machine would give.
    ///
    /// @param http what makes connections; closed with the bucket
    public static Bucket open(BucketSettings settings, String secretKey, SdkHttpClient http) throws IOException {
        return open(settings, pair(settings.accessKey(), secretKey), http);
    }

    private static Bucket open(BucketSettings settings, AwsCredentialsProvider credentials, SdkHttpClient http)
            throws IOException {
        return asked(
                settings.name(),
                settings.name(),
                () -> new Bucket(client(settings, credentials, http), http, settings));
    }

    private static AwsCredentialsProvider pair(String accessKey, String secretKey) {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secretKey));
    }

    private static AwsCredentialsProvider credentials(BucketSettings settings, SdkHttpClient http) throws IOException {
        if (settings.accessKey().isEmpty()) {
            return surroundings(settings, http);
        }
        String secret = SecretFile.read("the bucket's s3-secret-key-file", settings.secretKeyFile());
        if (secret.isEmpty()) {
            throw new IOException("the bucket's s3-secret-key-file cannot be read: its first line is empty");
        }
        return pair(settings.accessKey(), secret);
    }

    /// Environment, profile, container, machine; behind the environment the role that a token stands for, as a
    /// pod of Kubernetes has one. For that one is told which connections to use: it would look for them among all
    /// there are.
    private static AwsCredentialsProvider surroundings(BucketSettings settings, SdkHttpClient http) {
        AwsCredentialsProvider usual = DefaultCredentialsProvider.builder().build();
        if (SdkSystemSetting.AWS_WEB_IDENTITY_TOKEN_FILE.getStringValue().isEmpty()) {
            return usual;
        }
        StsClientBuilder sts = StsClient.builder()
                .credentialsProvider(AnonymousCredentialsProvider.create())
                .httpClient(http);
        region(settings).ifPresent(sts::region);
        return AwsCredentialsProviderChain.of(
                SystemPropertyCredentialsProvider.create(),
                EnvironmentVariableCredentialsProvider.create(),
                StsWebIdentityTokenFileCredentialsProvider.builder()
                        .stsClient(sts.build())
                        .build(),
                usual);
    }

    /// @return empty for what environment or profile say
    private static Optional<Region> region(BucketSettings settings) {
        return !settings.region().isEmpty()
                ? Optional.of(Region.of(settings.region()))
                : settings.endpoint().isEmpty() ? Optional.empty() : Optional.of(Region.US_EAST_1);
    }

    private static S3Client client(BucketSettings settings, AwsCredentialsProvider credentials, SdkHttpClient http) {
        S3ClientBuilder builder = S3Client.builder()
                .credentialsProvider(credentials)
                .forcePathStyle(settings.pathStyle())
                // Checksums of the newest kind are an answer that many stores do not know.
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                .httpClient(http)
                .overrideConfiguration(all -> all.apiCallTimeout(Duration.ofMinutes(5))
                        .retryStrategy(StandardRetryStrategy.builder()
                                .maxAttempts(TRIES)
                                .build()));
        if (!settings.endpoint().isEmpty()) {
            builder.endpointOverride(URI.create(settings.endpoint()));
        }
        region(settings).ifPresent(builder::region);
        return builder.build();
    }

    /// Puts a small object.
    public void put(String key, byte[] bytes) throws IOException {
        asked(key, () -> client.putObject(put -> put.bucket(name).key(start + key), RequestBody.fromBytes(bytes)));
    }

    /// Puts a file, in parts where it is large; when it returns the object is there whole.
    public void put(String key, Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes <= PART_BYTES) {
            asked(key, () -> client.putObject(put -> put.bucket(name).key(start + key), RequestBody.fromFile(file)));
        } else {
            putInParts(key, file, bytes);
        }
    }

    private void putInParts(String key, Path file, long bytes) throws IOException {
        String upload = asked(
                        key,
                        () -> client.createMultipartUpload(
                                made -> made.bucket(name).key(start + key)))
                .uploadId();
        boolean done = false;
        try {
            List<CompletedPart> parts = new ArrayList<>();
            for (long from = 0; from < bytes; from += PART_BYTES) {
                int number = parts.size() + 1;
                byte[] part = read(file, from, (int) Math.min(PART_BYTES, bytes - from));
                String tag = asked(
                                key,
                                () -> client.uploadPart(
                                        put -> put.bucket(name)
                                                .key(start + key)
                                                .uploadId(upload)
                                                .partNumber(number),
                                        RequestBody.fromBytes(part)))
                        .eTag();
                parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
            }
            complete(key, upload, parts, bytes);
            done = true;
        } finally {
            if (!done) {
                abort(key, upload);
            }
        }
    }

    /// Where the answer was lost and the request was sent again, the store no longer knows the upload: then the object
    /// itself says whether all is well.
    private void complete(String key, String upload, List<CompletedPart> parts, long bytes) throws IOException {
        try {
            asked(
                    key,
                    () -> client.completeMultipartUpload(end -> end.bucket(name)
                            .key(start + key)
                            .uploadId(upload)
                            .multipartUpload(all -> all.parts(parts))));
        } catch (IOException e) {
            Optional<Found> there = find(key);
            if (there.isEmpty() || there.get().bytes() != bytes) {
                throw e;
            }
        }
    }

    private void abort(String key, String upload) {
        try {
            client.abortMultipartUpload(end -> end.bucket(name).key(start + key).uploadId(upload));
        } catch (SdkException e) {
            // abortUploads finds it
        }
    }

    private static byte[] read(Path file, long from, int length) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            channel.position(from);
            byte[] bytes = Channels.newInputStream(channel).readNBytes(length);
            if (bytes.length < length) {
                throw new IOException(file + " became shorter while it was sent");
            }
            return bytes;
        }
    }

    /// @throws NoSuchFileException where it is not there
    public byte[] get(String key) throws IOException {
        return asked(key, () -> client.getObjectAsBytes(get -> get.bucket(name).key(start + key)))
                .asByteArrayUnsafe();
    }

    /// Fetches an object into a file that is not there yet.
    ///
    /// @throws NoSuchFileException where the object is not there
    public void get(String key, Path into) throws IOException {
        asked(key, () -> client.getObject(get -> get.bucket(name).key(start + key), into));
    }

    /// @return the object, or nothing where it is not there
    public Optional<Found> find(String key) throws IOException {
        try {
            HeadObjectResponse head =
                    asked(key, () -> client.headObject(look -> look.bucket(name).key(start + key)));
            return Optional.of(
                    new Found(key, head.contentLength(), head.lastModified().toEpochMilli()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /// Removes an object, if it is there.
    public void delete(String key) throws IOException {
        asked(key, () -> client.deleteObject(gone -> gone.bucket(name).key(start + key)));
    }

    /// Tells every object whose key begins with `prefix`.
    public void list(String prefix, Consumer<Found> each) throws IOException {
        asked(prefix, () -> {
            for (S3Object object : client.listObjectsV2Paginator(
                            all -> all.bucket(name).prefix(start + prefix))
                    .contents()) {
                each.accept(new Found(
                        object.key().substring(start.length()),
                        object.size(),
                        object.lastModified().toEpochMilli()));
            }
            return prefix;
        });
    }

    /// Gives up uploads in parts that were begun before `beforeMillis` and never ended: their parts are paid for.
    ///
    /// @return how many
    public int abortUploads(long beforeMillis) throws IOException {
        return asked(start, () -> {
            int gone = 0;
            for (MultipartUpload upload : client.listMultipartUploadsPaginator(
                            all -> all.bucket(name).prefix(start))
                    .uploads()) {
                Instant begun = upload.initiated();
                if (begun != null && begun.toEpochMilli() < beforeMillis) {
                    client.abortMultipartUpload(
                            end -> end.bucket(name).key(upload.key()).uploadId(upload.uploadId()));
                    gone++;
                }
            }
            return gone;
        });
    }

    private <T> T asked(String key, Supplier<T> request) throws IOException {
        return asked(name, key, request);
    }

    private static <T> T asked(String bucket, String key, Supplier<T> request) throws IOException {
        try {
            return request.get();
        } catch (NoSuchKeyException e) {
            throw missing(bucket, key, e);
        } catch (S3Exception e) {
            if (e.statusCode() == NOT_FOUND
                    && (e.awsErrorDetails() == null
                            || !"NoSuchBucket".equals(e.awsErrorDetails().errorCode()))) {
                throw missing(bucket, key, e);
            }
            throw new IOException(
                    "the bucket " + bucket + " answers " + e.statusCode() + " for " + key + ": " + e.getMessage(), e);
        } catch (SdkException e) {
            throw new IOException("the bucket " + bucket + " cannot be reached: " + reason(e), e);
        }
    }

    /// Who looks names up says why one is not to be had, and the SDK hides it.
    private static @Nullable String reason(SdkException e) {
        Throwable cause = e;
        while (cause != null && !(cause instanceof UnknownHostException)) {
            cause = cause.getCause();
        }
        return cause == null ? e.getMessage() : cause.getMessage();
    }

    private static NoSuchFileException missing(String bucket, String key, Exception cause) {
        NoSuchFileException missing = new NoSuchFileException(key, null, "not in the bucket " + bucket);
        missing.initCause(cause);
        return missing;
    }

    @Override
    public void close() {
        client.close();
        http.close(); // the SDK closes only clients that it made itself
    }
}
