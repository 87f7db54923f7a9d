package tributary.app;

import java.util.ArrayList;
import java.util.List;
import tributary.testkit.PostgresServer;
import tributary.testkit.S3Server;

/// A server of objects and a PostgreSQL, in which one lake can be.
record BucketSite(S3Server objects, PostgresServer postgres) implements AutoCloseable {
    static final String WAREHOUSE = "s3://history/of/ours";

    static BucketSite start() {
        S3Server objects = S3Server.start();
        objects.bucket("history");
        PostgresServer postgres = PostgresServer.start();
        postgres.run("postgres", "CREATE DATABASE lake");
        return new BucketSite(objects, postgres);
    }

    /// @return what tells a command how bucket and catalogue are reached, and not that the lake is there
    List<String> reached() {
        List<String> flags = new ArrayList<>();
        for (String setting : List.of(
                "lake.s3-endpoint=" + objects.endpoint(),
                "lake.s3-path-style=true",
                "lake.s3-access-key=" + S3Server.ACCESS_KEY,
                "lake.s3-secret-key-file=" + objects.secretFile(),
                "lake.catalog=" + postgres.url("lake"),
                "lake.catalog-user=postgres",
                "lake.catalog-password-file=" + postgres.passwordFile())) {
            flags.addAll(List.of("--set", setting));
        }
        return flags;
    }

    /// @return flags of a server whose lake is there
    String[] flags(String... more) {
        List<String> flags = reached();
        flags.addAll(List.of("--set", "lake.warehouse=" + WAREHOUSE));
        flags.addAll(List.of(more));
        return flags.toArray(String[]::new);
    }

    @Override
    public void close() throws Exception {
        postgres.close();
        objects.close();
    }
}
