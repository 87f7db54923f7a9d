package tributary.sinks.folder;

import java.time.Duration;
import tributary.bucket.BucketSettings;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkType;

/// A delivery stream into a bucket that speaks S3's protocol.
public final class BucketType implements SinkType {
    @Override
    public String name() {
        return "bucket";
    }

    @Override
    public Pace pace() {
        return Pace.batches(1000, Duration.ZERO);
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        Shape shape = Shape.read(fields);
        String address = fields.required("bucket", "where files go, such as s3://fleet-data/alarms");
        String[] parts = BucketSettings.parts(address);
        BucketSettings settings = new BucketSettings(
                parts[0],
                parts[1],
                fields.text("endpoint", ""),
                fields.text("region", ""),
                fields.flag("path-style", false),
                fields.required("access-key", "who signs in"),
                "");
        String secretKey = fields.requiredSecret("secret-key", "it belongs to access-key");
        if (!address.isBlank() && !settings.nameFits()) {
            fields.problem("bucket", "bucket must be an address like s3://fleet-data/alarms");
        }
        if (!settings.prefixFits()) {
            fields.problem("bucket", "bucket: behind its name it may have letters, digits and . _ = - / only");
        }
        if (!settings.endpointFits()) {
            fields.problem("endpoint", "endpoint must be an address like https://storage.example.com");
        }
        if (settings.endpoint().isEmpty() && settings.region().isEmpty()) {
            fields.problem(
                    "region", "region is missing: say where the bucket is, such as eu-central-1, or an endpoint");
        }
        return () -> new FileSink(
                shape,
                place,
                new BucketShelf(
                        settings, secretKey, place.guard(), place.state().resolve("parts" + FileSink.mark(place))));
    }
}
