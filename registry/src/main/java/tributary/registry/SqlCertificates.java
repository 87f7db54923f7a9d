package tributary.registry;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.security.auth.x500.X500Principal;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.model.DeviceId;
import tributary.model.Micros;
import tributary.model.TenantId;
import tributary.registry.Credentials.Reason;
import tributary.registry.Credentials.Verdict;

/// Authorities and revocations in the database, with what verifying needs in memory.
final class SqlCertificates implements Certificates {
    static final int AUTHORITIES_MAX = 20;
    static final int REVOKED_MAX = 100_000;

    private static final Logger LOG = LoggerFactory.getLogger(SqlCertificates.class);
    private static final String LISTED = "listed:";
    private static final int TITLE_BYTES_MAX = 200;
    private static final int REMEMBERED_MAX = 20_000;
    private static final int SHOWN_MAX = 10_000;

    private final Database database;
    private final DeviceTrees trees;
    private final World world;
    private final Remembered<Trusted> remembered = new Remembered<>(REMEMBERED_MAX);
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

    /// Replaced as a whole by each change of authorities, under the database's write lock.
    private volatile Known known = new Known(Map.of());

    /// An authority in memory.
    ///
    /// @param revoked marks; changed under the database's write lock, read by all
    private record Loaded(
            String id,
            TenantId tenant,
            String title,
            X509Certificate certificate,
            Instant createdAt,
            Set<String> revoked) {}

    /// All authorities.
    private static final class Known {
        final Map<String, Loaded> byId;
        private final Map<X500Principal, List<Loaded>> bySubject = new HashMap<>();

        Known(Map<String, Loaded> byId) {
            this.byId = Map.copyOf(byId);
            for (Loaded authority : byId.values()) {
                bySubject
                        .computeIfAbsent(authority.certificate().getSubjectX500Principal(), _ -> new ArrayList<>())
                        .add(authority);
            }
        }

        List<Loaded> named(X500Principal subject) {
            return bySubject.getOrDefault(subject, List.of());
        }
    }

    /// A certificate whose path was found good: what never changes about it.
    ///
    /// @param marks by which it, or one above it, may be revoked
    private record Trusted(
            Loaded authority, DeviceId device, Instant from, Instant until, List<String> marks, String credential) {}

    SqlCertificates(Database database, DeviceTrees trees, World world) {
        this.database = database;
        this.trees = trees;
        this.world = world;
    }

    /// Takes over what the database has.
    void load(Handle handle) {
        Map<String, Set<String>> revoked = new HashMap<>();
        handle.createQuery("SELECT authority, mark FROM revoked_certificate")
                .map((row, _) -> revoked.computeIfAbsent(row.getString(1), _ -> ConcurrentHashMap.newKeySet())
                        .add(row.getString(2)))
                .list();
        Map<String, Loaded> all = new HashMap<>();
        handle.createQuery("SELECT id, tenant, title, certificate, created FROM authority")
                .map((row, _) -> new Loaded(
                        row.getString("id"),
                        new TenantId(row.getString("tenant")),
                        row.getString("title"),
                        AuthorityCheck.stored(row.getString("certificate")),
                        Micros.instant(row.getLong("created")),
                        revoked.getOrDefault(row.getString("id"), ConcurrentHashMap.newKeySet())))
                .list()
                .forEach(authority -> all.put(authority.id(), authority));
        known = new Known(all);
        remembered.clear();
    }

    @Override
    public Verdict verify(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return new Verdict.Refused(Reason.MALFORMED, "there is no certificate", null);
        }
        Sha256 digest = digest(chain.getFirst());
        Trusted trusted = remembered.find(digest);
        if (trusted == null || !current(trusted.authority())) {
            TenantId tenant = null;
            try {
                CertificatePath.Found<Loaded> found = CertificatePath.find(
                        chain,
                        known::named,
                        authority -> authority.certificate().getPublicKey());
                tenant = found.authority().tenant();
                CertificatePath.check(
                        found.certificates(),
                        found.authority().certificate(),
                        world.clock().instant());
                trusted = trusted(found, digest);
                remembered.put(digest, trusted);
            } catch (CertificatePath.RefusedException e) {
                return new Verdict.Refused(e.reason(), String.valueOf(e.getMessage()), tenant);
            } catch (DeviceName.NamelessException e) {
                return new Verdict.Refused(Reason.UNKNOWN, String.valueOf(e.getMessage()), tenant);
            }
        }
        return verdict(trusted);
    }

    private static Trusted trusted(CertificatePath.Found<Loaded> found, Sha256 digest)
            throws DeviceName.NamelessException {
        List<X509Certificate> path = found.certificates();
        Loaded authority = found.authority();
        List<String> marks = new ArrayList<>();
        Instant from = authority.certificate().getNotBefore().toInstant();
        Instant until = authority.certificate().getNotAfter().toInstant();
        for (X509Certificate certificate : path) {
            String serial = certificate.getSerialNumber().toString(16);
            marks.add("serial:" + serial);
            marks.add("sha256:" + digest(certificate).hex());
            from = later(from, certificate.getNotBefore().toInstant());
            Instant end = certificate.getNotAfter().toInstant();
            until = end.isBefore(until) ? end : until;
        }
        marks.add(LISTED + path.getLast().getSerialNumber().toString(16)); // the list is about what it signed itself
        X509Certificate own = path.getFirst();
        String credential =
                CREDENTIAL + authority.id() + ":" + own.getSerialNumber().toString(16) + ":" + digest.hex();
        return new Trusted(authority, DeviceName.of(own), from, until, List.copyOf(marks), credential);
    }

    private static Instant later(Instant a, Instant b) {
        return a.isAfter(b) ? a : b;
    }

    /// What may change from one moment to the next.
    private Verdict verdict(Trusted trusted) {
        TenantId tenant = trusted.authority().tenant();
        String subject = Grant.subject(trusted.device());
        Instant now = world.clock().instant();
        if (now.isBefore(trusted.from())) {
            return new Verdict.Refused(
                    Reason.NOT_YET_VALID, "it is valid from " + trusted.from() + " on only", tenant, subject);
        }
        if (now.isAfter(trusted.until())) {
            return new Verdict.Refused(
                    Reason.EXPIRED,
                    "it, or one above it, expired at " + trusted.until() + "; issue a new one",
                    tenant,
                    subject);
        }
        if (trusted.marks().stream().anyMatch(trusted.authority().revoked()::contains)) {
            return new Verdict.Refused(
                    Reason.REVOKED, "it, or one above it, was revoked; issue a new one", tenant, subject);
        }
        if (trees.find(tenant, trusted.device()) == null) {
            return new Verdict.Refused(
                    Reason.UNKNOWN,
                    "it is of the device '" + trusted.device() + "', which is not registered; add it first: tributary"
                            + " device add " + trusted.device(),
                    tenant,
                    subject);
        }
        return new Verdict.Accepted(new Principal(
                tenant,
                "device:" + trusted.device(),
                Principal.Kind.DEVICE,
                trusted.device(),
                Principal.Role.DEVICE,
                Set.of(),
                Set.of(),
                trusted.until(),
                trusted.credential()));
    }

    @Override
    public boolean good(Principal principal) {
        String[] parts = principal.credential().split(":", -1);
        if (parts.length != 4 || !Certificates.proved(principal)) {
            return false;
        }
        Trusted trusted = remembered.find(Sha256.parse(parts[3]));
        if (trusted != null && current(trusted.authority())) {
            return trusted.credential().equals(principal.credential()) && verdict(trusted) instanceof Verdict.Accepted;
        }
        // forgotten meanwhile: what it says of itself has to do
        Loaded authority = known.byId.get(parts[1]);
        DeviceId device = principal.device();
        return authority != null
                && authority.tenant().equals(principal.tenant())
                && !authority.revoked().contains("serial:" + parts[2])
                && !authority.revoked().contains(LISTED + parts[2])
                && !authority.revoked().contains("sha256:" + parts[3])
                && device != null
                && trees.find(principal.tenant(), device) != null;
    }

    private boolean current(Loaded authority) {
        return authority.equals(known.byId.get(authority.id()));
    }

    private static Sha256 digest(X509Certificate certificate) {
        try {
            return Sha256.of(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("a certificate without bytes", e);
        }
    }

    @Override
    public Authority add(TenantId tenant, String title, String certificate, @Nullable String proof) {
        Checked.text("the title of an authority", title, TITLE_BYTES_MAX);
        X509Certificate read =
                AuthorityCheck.authority(certificate, world.clock().instant());
        if (proof != null) {
            AuthorityCheck.proof(proof, read, tenant);
        }
        Loaded added = new Loaded(
                Secret.randomText(SqlCredentials.ID_CHARS, world.random()),
                tenant,
                title,
                read,
                world.now(),
                ConcurrentHashMap.newKeySet());
        return database.write(handle -> {
            demandRoom(handle, added, proof != null);
            handle.createUpdate("INSERT INTO authority (id, tenant, title, certificate, public, created)"
                            + " VALUES (:id, :tenant, :title, :certificate, :public, :created)")
                    .bind("id", added.id())
                    .bind("tenant", tenant.value())
                    .bind("title", title)
                    .bind("certificate", AuthorityCheck.toStore(read))
                    .bind("public", publicKey(read))
                    .bind("created", Micros.of(added.createdAt()))
                    .execute();
            return new Database.Written<>(shown(added), () -> {
                Map<String, Loaded> all = new HashMap<>(known.byId);
                all.put(added.id(), added);
                known = new Known(all);
            });
        });
    }

    private void demandRoom(Handle handle, Loaded added, boolean proven) {
        int tenants = count(
                handle,
                "SELECT COUNT(*) FROM tenant WHERE id <> :value",
                added.tenant().value());
        if (tenants > 0 && !proven) {
            throw new IllegalArgumentException(
                    "there are several tenants here, so prove that the authority is yours: sign a certificate with it"
                            + " whose subject is 'CN=" + Certificates.proofName(added.tenant())
                            + "', and give it as the proof");
        }
        if (count(handle, "SELECT COUNT(*) FROM authority WHERE public = :value", publicKey(added.certificate())) > 0) {
            throw new AlreadyExistsException("the authority has been added already; remove it where it is first");
        }
        if (count(
                        handle,
                        "SELECT COUNT(*) FROM authority WHERE tenant = :value",
                        added.tenant().value())
                >= AUTHORITIES_MAX) {
            throw new IllegalArgumentException(
                    "a tenant has at most " + AUTHORITIES_MAX + " authorities; remove one first");
        }
    }

    private static int count(Handle handle, String sql, String value) {
        return handle.createQuery(sql).bind("value", value).mapTo(Integer.class).one();
    }

    private static String publicKey(X509Certificate certificate) {
        return Sha256.of(certificate.getPublicKey().getEncoded()).hex();
    }

    private static Authority shown(Loaded authority) {
        return new Authority(
                authority.id(),
                authority.title(),
                authority.certificate().getSubjectX500Principal().getName(),
                digest(authority.certificate()).hex(),
                authority.certificate().getNotAfter().toInstant(),
                authority.createdAt(),
                authority.revoked().size());
    }

    @Override
    public List<Authority> authorities(TenantId tenant) {
        return known.byId.values().stream()
                .filter(authority -> authority.tenant().equals(tenant))
                .sorted((a, b) -> a.createdAt().equals(b.createdAt())
                        ? a.id().compareTo(b.id())
                        : a.createdAt().compareTo(b.createdAt()))
                .map(SqlCertificates::shown)
                .toList();
    }

    /// Forgets the authorities of a tenant that was removed.
    void forget(TenantId tenant) {
        Map<String, Loaded> others = new HashMap<>(known.byId);
        others.values().removeIf(authority -> authority.tenant().equals(tenant));
        known = new Known(others);
    }

    private @Nullable Loaded find(TenantId tenant, String id) {
        Loaded authority = known.byId.get(id);
        return authority != null && authority.tenant().equals(tenant) ? authority : null;
    }

    @Override
    public boolean remove(TenantId tenant, String id) {
        boolean removed = database.write(handle -> {
            if (find(tenant, id) == null) {
                return Database.Written.only(false);
            }
            handle.createUpdate("DELETE FROM revoked_certificate WHERE authority = :id")
                    .bind("id", id)
                    .execute();
            handle.createUpdate("DELETE FROM authority WHERE id = :id")
                    .bind("id", id)
                    .execute();
            return new Database.Written<>(true, () -> {
                Map<String, Loaded> all = new HashMap<>(known.byId);
                all.remove(id);
                known = new Known(all);
            });
        });
        if (removed) {
            changed();
        }
        return removed;
    }

    @Override
    public boolean revoke(TenantId tenant, String id, Mark mark) {
        boolean done = database.write(handle -> {
            Loaded authority = find(tenant, id);
            if (authority == null) {
                return Database.Written.only(false);
            }
            if (authority.revoked().contains(mark.toString())) {
                return Database.Written.only(true);
            }
            if (authority.revoked().size() >= REVOKED_MAX) {
                throw new IllegalArgumentException("an authority has at most " + REVOKED_MAX
                        + " revoked certificates; make a new authority and remove this one");
            }
            insert(handle, id, Set.of(mark.toString()), world.nowMicros());
            return new Database.Written<>(true, () -> authority.revoked().add(mark.toString()));
        });
        if (done) {
            changed();
        }
        return done;
    }

    @Override
    public Optional<Integer> takeList(TenantId tenant, String id, String list) {
        Loaded authority = find(tenant, id);
        if (authority == null) {
            return Optional.empty();
        }
        AuthorityCheck.List read = AuthorityCheck.list(list, authority.certificate());
        boolean taken = database.write(handle -> {
            if (find(tenant, id) == null) {
                return Database.Written.only(false);
            }
            return new Database.Written<>(true, replaceList(handle, authority, read));
        });
        if (!taken) {
            return Optional.empty();
        }
        changed();
        return Optional.of(read.serials().size());
    }

    private Runnable replaceList(Handle handle, Loaded authority, AuthorityCheck.List list) {
        Long before = handle.createQuery("SELECT listed FROM authority WHERE id = :id")
                .bind("id", authority.id())
                .map((row, _) -> Optional.ofNullable(Columns.number(row, "listed")))
                .one()
                .orElse(null);
        long made = Micros.of(list.madeAt());
        if (before != null && made < before) {
            throw new IllegalArgumentException("the list was made at " + list.madeAt() + ", before the one in use ("
                    + Micros.instant(before) + "); give the newest");
        }
        handle.createUpdate("DELETE FROM revoked_certificate WHERE authority = :id AND mark LIKE 'listed:%'")
                .bind("id", authority.id())
                .execute();
        Set<String> marks = ConcurrentHashMap.newKeySet();
        list.serials().forEach(serial -> marks.add(LISTED + serial));
        insert(handle, authority.id(), marks, world.nowMicros());
        handle.createUpdate("UPDATE authority SET listed = :made WHERE id = :id")
                .bind("made", made)
                .bind("id", authority.id())
                .execute();
        return () -> {
            authority.revoked().addAll(marks);
            authority.revoked().removeIf(mark -> mark.startsWith(LISTED) && !marks.contains(mark));
        };
    }

    private static void insert(Handle handle, String authority, Set<String> marks, long now) {
        if (marks.isEmpty()) {
            return;
        }
        PreparedBatch batch = handle.prepareBatch(
                "INSERT INTO revoked_certificate (authority, mark, revoked) VALUES (:authority, :mark, :revoked)");
        marks.forEach(mark -> batch.bind("authority", authority)
                .bind("mark", mark)
                .bind("revoked", now)
                .add());
        batch.execute();
    }

    @Override
    public List<Revoked> revoked(TenantId tenant, String id) {
        if (find(tenant, id) == null) {
            return List.of();
        }
        return database.read(handle -> handle.createQuery("SELECT mark, revoked FROM revoked_certificate"
                        + " WHERE authority = :id ORDER BY revoked DESC, mark LIMIT " + SHOWN_MAX)
                .bind("id", id)
                .map((row, _) -> shown(row.getString("mark"), Micros.instant(row.getLong("revoked"))))
                .list());
    }

    private static Revoked shown(String mark, Instant at) {
        boolean listed = mark.startsWith(LISTED);
        return new Revoked(listed ? "serial:" + mark.substring(LISTED.length()) : mark, listed, at);
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    /// Tells the listeners, after the change is durable and in memory; also when a device was removed.
    void changed() {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                LOG.error("A listener failed on a change of certificates; the others hear it all the same", e);
            }
        }
    }
}
