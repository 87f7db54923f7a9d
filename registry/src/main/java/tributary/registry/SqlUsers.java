package tributary.registry;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;
import tributary.model.Micros;
import tributary.model.Quote;
import tributary.model.TenantId;

/// People in the database, their sessions also in memory.
final class SqlUsers implements Users {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._@+-]{0,99}");
    private static final int NAME_CHARS_MAX = 100;
    private static final int PEOPLE_PER_TENANT_MAX = 1_000;
    private static final Duration LINK_MAX = Duration.ofDays(1);

    /// What sign-in needs to know of a person.
    private record Known(User user, String password) {}

    private final Database database;
    private final DeviceTrees trees;
    private final World world;
    private final Sessions sessions;
    private final SqlCredentials credentials;
    private final Passwords passwords;
    private final SignInGuard guard = new SignInGuard();
    private final OneTimeLinks links;

    SqlUsers(Database database, DeviceTrees trees, World world, Sessions sessions, SqlCredentials credentials) {
        this.database = database;
        this.trees = trees;
        this.world = world;
        this.sessions = sessions;
        this.credentials = credentials;
        this.passwords = new Passwords(world.random());
        this.links = new OneTimeLinks(world.random());
    }

    @Override
    public User add(TenantId tenant, String name, String password, Principal.Role role) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a person's name is 1 to 100 of a-z, 0-9 and '. _ @ + -', beginning with a letter or digit; was '"
                            + Quote.shorten(name) + "'");
        }
        if (role == Principal.Role.DEVICE) {
            throw new IllegalArgumentException("a person is a viewer, an operator or an owner");
        }
        trees.forest(tenant);
        String hash = passwords.hash(password);
        return database.write(handle -> {
            int people = handle.createQuery("SELECT COUNT(*) FROM person WHERE tenant = :tenant")
                    .bind("tenant", tenant.value())
                    .mapTo(Integer.class)
                    .one();
            if (people >= PEOPLE_PER_TENANT_MAX) {
                throw new IllegalArgumentException(
                        "a tenant has at most %,d people; remove some first".formatted(PEOPLE_PER_TENANT_MAX));
            }
            User user = new User(nextId(handle), tenant, name, role, world.now());
            int added = handle.createUpdate(
                            "INSERT INTO person (id, tenant, name, password, role, created) VALUES (:id, :tenant, :name, :password, :role, :created) ON CONFLICT (name) DO NOTHING")
                    .bind("id", user.id())
                    .bind("tenant", tenant.value())
                    .bind("name", name)
                    .bind("password", hash)
                    .bind("role", role.name())
                    .bind("created", Micros.of(user.createdAt()))
                    .execute();
            if (added == 0) {
                throw new AlreadyExistsException("there is a person '" + name + "' already");
            }
            return Database.Written.only(user);
        });
    }

    private static long nextId(Handle handle) {
        return handle.createQuery(
                        "INSERT INTO counter (name, value) VALUES ('person', 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value")
                .mapTo(Long.class)
                .one();
    }

    @Override
    public List<User> all(TenantId tenant) {
        return database.read(handle -> handle.createQuery(
                        "SELECT id, tenant, name, role, created FROM person WHERE tenant = :tenant ORDER BY name")
                .bind("tenant", tenant.value())
                .map((row, _) -> user(row))
                .list());
    }

    @Override
    public boolean remove(TenantId tenant, long id) {
        Optional<List<String>> ended = database.write(handle -> {
            boolean exists = handle.createQuery("SELECT 1 FROM person WHERE tenant = :tenant AND id = :id")
                    .bind("tenant", tenant.value())
                    .bind("id", id)
                    .mapTo(Integer.class)
                    .findOne()
                    .isPresent();
            if (!exists) {
                return Database.Written.only(Optional.empty());
            }
            SqlCredentials.Revocation revocation = sessions.endAllOf(handle, id);
            handle.createUpdate("DELETE FROM person WHERE id = :id")
                    .bind("id", id)
                    .execute();
            return new Database.Written<>(Optional.of(revocation.credentials()), revocation.apply());
        });
        ended.ifPresent(credentials::announce);
        return ended.isPresent();
    }

    /// Ends every session of a tenant that is removed, and voids its one-time links.
    SqlCredentials.Revocation removeAllOf(Handle handle, TenantId tenant) {
        SqlCredentials.Revocation ended = sessions.endAllOf(handle, tenant);
        return new SqlCredentials.Revocation(ended.credentials(), () -> {
            ended.apply().run();
            links.forget(tenant);
        });
    }

    @Override
    public String oneTimeLink(TenantId tenant, Duration validFor) {
        trees.forest(tenant);
        if (validFor.isNegative() || validFor.isZero() || validFor.compareTo(LINK_MAX) > 0) {
            throw new IllegalArgumentException("a one-time link is good for more than nothing and at most a day");
        }
        return links.make(tenant, validFor, world.now());
    }

    @Override
    public Optional<Session> redeem(String oneTimeSecret) {
        return links.use(oneTimeSecret, world.now())
                .map(tenant -> database.write(
                        handle -> sessions.open(handle, new Sessions.Holder(tenant, null, Principal.Role.OWNER))));
    }

    @Override
    public SignIn signIn(String name, String password) {
        String typed = name.strip().toLowerCase(Locale.ROOT);
        String known = typed.substring(0, Math.min(typed.length(), NAME_CHARS_MAX + 1));
        Instant now = world.now();
        Duration wait = guard.enter(known, now);
        if (wait.isPositive()) {
            return new SignIn.Wait(wait);
        }
        Optional<Known> person = NAME.matcher(known).matches() ? find(known) : Optional.empty();
        String hash = person.map(Known::password).orElseGet(Passwords::impossible);
        if (!passwords.fits(password, hash) || person.isEmpty()) {
            return new SignIn.Refused();
        }
        guard.succeeded(known);
        User user = person.get().user();
        return database.write(handle ->
                stillThere(handle, user) ? welcome(handle, user) : Database.Written.<SignIn>only(new SignIn.Refused()));
    }

    private Database.Written<SignIn> welcome(Handle handle, User user) {
        Database.Written<Session> opened =
                sessions.open(handle, new Sessions.Holder(user.tenant(), user.id(), user.role()));
        return new Database.Written<>(new SignIn.Welcome(opened.answer()), opened.apply());
    }

    private static boolean stillThere(Handle handle, User user) {
        return handle.createQuery("SELECT 1 FROM person WHERE id = :id")
                .bind("id", user.id())
                .mapTo(Integer.class)
                .findOne()
                .isPresent();
    }

    private Optional<Known> find(String name) {
        return database.read(handle -> handle.createQuery(
                        "SELECT id, tenant, name, role, created, password FROM person WHERE name = :name")
                .bind("name", name)
                .map((row, _) -> new Known(user(row), row.getString("password")))
                .findOne());
    }

    @Override
    public Optional<Principal> session(String secret) {
        return sessions.find(secret);
    }

    @Override
    public void signOut(String sessionSecret) {
        credentials.announce(database.write(handle -> {
            SqlCredentials.Revocation revocation = sessions.end(handle, sessionSecret);
            return new Database.Written<>(revocation.credentials(), revocation.apply());
        }));
    }

    private static User user(ResultSet row) throws SQLException {
        return new User(
                row.getLong("id"),
                new TenantId(row.getString("tenant")),
                row.getString("name"),
                Principal.Role.valueOf(row.getString("role")),
                Micros.instant(row.getLong("created")));
    }
}
