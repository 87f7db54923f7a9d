package tributary.registry;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import tributary.testkit.PostgresServer;

/// Runs PostgreSQL once for the whole test run.
final class PostgresExtension implements BeforeAllCallback {
    private static final String TEMPLATE = "registry_template";
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private PostgresServer server;

    @Override
    public void beforeAll(ExtensionContext context) {
        server = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(PostgresExtension.class))
                .computeIfAbsent("server", _ -> start(), PostgresServer.class);
    }

    private static PostgresServer start() {
        PostgresServer server = PostgresServer.start();
        server.run("postgres", "CREATE DATABASE " + TEMPLATE);
        Migration.postgresFlyway()
                .dataSource(server.url(TEMPLATE), "postgres", PostgresServer.PASSWORD)
                .load()
                .migrate();
        return server;
    }

    /// @return settings that lead to a database of its own that has the schema and nothing in it
    RegistrySettings emptyDatabase() {
        return database(" TEMPLATE " + TEMPLATE);
    }

    /// @return settings that lead to a database of its own without even a schema
    RegistrySettings bareDatabase() {
        return database("");
    }

    private RegistrySettings database(String from) {
        String name = "registry_" + DATABASES.incrementAndGet();
        server.run("postgres", "CREATE DATABASE " + name + from);
        RegistrySettings d = RegistrySettings.DEFAULTS;
        return new RegistrySettings(
                server.url(name),
                "postgres",
                server.passwordFile().toString(),
                d.issuer(),
                d.devicesPerTenantMax(),
                d.sensorsPerDeviceMax(),
                d.sensorsPerTenantMax(),
                d.credentialsPerHolderMax(),
                d.verifiedTokensMax(),
                d.sessionLife());
    }
}
