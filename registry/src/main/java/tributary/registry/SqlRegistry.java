package tributary.registry;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.InstantSource;
import tributary.model.Fault;
import tributary.model.PlatformException;
import tributary.model.TenantId;

/// The registry in an SQL database: SQLite in the data folder, or PostgreSQL where [RegistrySettings#url] says so.
///
/// One process owns it. What the doors ask is answered from memory, which holds devices, secrets and revocations.
public final class SqlRegistry implements Registry {
    private final Database database;
    private final Tenants tenants;
    private final SqlTenantLimits limits;
    private final Devices devices;
    private final Sightings sightings;
    private final Sensors sensors;
    private final SqlCredentials credentials;
    private final SqlUsers users;
    private final SqlCertificates certificates;
    private final SavedQueries queries;
    private final Dashboards dashboards;
    private final SqlShares shares;
    private final RuleStore rules;
    private final Functions functions;
    private final LookupTables tables;
    private final SqlAlerts alerts;
    private final SqlSilences silences;
    private final SinkDefinitions sinks;
    private final AlertRoute alertRoute;
    private final DeadLetters deadLetters;
    private final KeyRing keys;
    private final CredentialUses uses;

    private SqlRegistry(Database database, RegistrySettings settings, KeyFolder keyFolder, World world) {
        this.database = database;
        DeviceTrees trees = new DeviceTrees(world.clock());
        keys = new KeyRing(database, keyFolder, world);
        uses = new CredentialUses(database, world);
        credentials = new SqlCredentials(database, trees, settings, world, keys, uses);
        certificates = new SqlCertificates(database, trees, world);
        limits = new SqlTenantLimits(database);
        SqlDevices.Room room = new SqlDevices.Room(limits, settings.devicesPerTenantMax());
        devices = new SqlDevices(database, trees, room, credentials, certificates);
        sightings = new SqlSightings(database, trees);
        sensors = new SqlSensors(database, trees, settings, limits);
        queries = new SqlSavedQueries(database);
        shares = new SqlShares(database, world);
        dashboards = new SqlDashboards(database, shares);
        SqlRuleStore ruleStore = new SqlRuleStore(database);
        rules = ruleStore;
        functions = new SqlFunctions(database);
        tables = new SqlLookupTables(database);
        alerts = new SqlAlerts(database);
        silences = new SqlSilences(database, devices);
        SqlAlertRoute route = new SqlAlertRoute(database);
        alertRoute = route;
        sinks = new SqlSinkDefinitions(database, route);
        deadLetters = new SqlDeadLetters(database);
        Sessions sessions = new Sessions(settings, world);
        users = new SqlUsers(database, trees, world, sessions, credentials);
        tenants = new SqlTenants(
                database,
                trees,
                world.clock(),
                new SqlTenants.Holders(credentials, users, certificates, ruleStore, alerts, silences, shares, limits));
        database.write(handle -> {
            credentials.tidy(handle);
            sessions.tidy(handle);
            return Database.Written.only(true);
        });
        database.load(handle -> {
            trees.load(handle);
            credentials.load(handle);
            certificates.load(handle);
            sessions.load(handle);
            shares.load(handle);
            limits.load(handle);
        });
        if (tenants.find(TenantId.MAIN).isEmpty()) {
            tenants.add(TenantId.MAIN, "Main");
        }
        keys.start();
        uses.start();
    }

    /// Opens the registry, makes its files and tables where they are missing, and loads memory.
    ///
    /// @param dataFolder where `registry.db` and `keys/` are, both readable by the platform's user only
    public static SqlRegistry open(
            RegistrySettings settings, Path dataFolder, InstantSource clock, SecureRandom random) {
        return open(settings, dataFolder, World.of(clock, random));
    }

    static SqlRegistry open(RegistrySettings settings, Path dataFolder, World world) {
        KeyFolder keyFolder;
        try {
            OwnedFolder.make(dataFolder);
            keyFolder = KeyFolder.open(dataFolder.resolve("keys"));
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "The data folder %s cannot be used: %s. Give it to the user that runs Tributary, or choose another."
                            .formatted(dataFolder, e),
                    e);
        }
        Database database = settings.url().isEmpty()
                ? SqliteFile.open(dataFolder.resolve("registry.db"))
                : PostgresServer.open(settings);
        try {
            return new SqlRegistry(database, settings, keyFolder, world);
        } catch (IllegalArgumentException | DateTimeException e) {
            // our own names and times refuse what stands there: nobody wrote that through this program
            database.close();
            throw new PlatformException(
                    Fault.DATA_DAMAGED,
                    "The registry in %s holds what cannot be in it: %s. Keep it as it is, and make another data folder of a backup: tributary restore BACKUP --data NEW."
                            .formatted(dataFolder, e.getMessage()),
                    e);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    @Override
    public Tenants tenants() {
        return tenants;
    }

    @Override
    public TenantLimits limits() {
        return limits;
    }

    @Override
    public Devices devices() {
        return devices;
    }

    @Override
    public Sightings sightings() {
        return sightings;
    }

    @Override
    public Sensors sensors() {
        return sensors;
    }

    @Override
    public Users users() {
        return users;
    }

    @Override
    public Credentials credentials() {
        return credentials;
    }

    @Override
    public Certificates certificates() {
        return certificates;
    }

    @Override
    public SavedQueries queries() {
        return queries;
    }

    @Override
    public Dashboards dashboards() {
        return dashboards;
    }

    @Override
    public Shares shares() {
        return shares;
    }

    @Override
    public RuleStore rules() {
        return rules;
    }

    @Override
    public Functions functions() {
        return functions;
    }

    @Override
    public LookupTables tables() {
        return tables;
    }

    @Override
    public Alerts alerts() {
        return alerts;
    }

    @Override
    public Silences silences() {
        return silences;
    }

    @Override
    public SinkDefinitions sinks() {
        return sinks;
    }

    @Override
    public AlertRoute alertRoute() {
        return alertRoute;
    }

    @Override
    public DeadLetters deadLetters() {
        return deadLetters;
    }

    @Override
    public void close() {
        keys.close();
        uses.close();
        database.close();
    }
}
