package tributary.gateway;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Credentials;
import tributary.registry.Principal;

/// Credentials in memory: secrets that a test hands out, and their revocation.
public final class KeyRing implements Credentials {
    private final Map<String, Principal> bySecret = new ConcurrentHashMap<>();
    private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
    private final Set<String> revoked = ConcurrentHashMap.newKeySet();
    private final Set<String> brief = ConcurrentHashMap.newKeySet();

    /// @return a token of a device that may use `scope` besides its own part
    public String device(String tenant, String device, String... scope) {
        return device(tenant, device, null, scope);
    }

    /// @return a token of a device that means nothing from `expiresAt` on
    public String device(String tenant, String device, Instant expiresAt, String... scope) {
        return add(tenant, Principal.Kind.DEVICE, new DeviceId(device), expiresAt, scope);
    }

    /// @return a key of an application
    public String application(String tenant, String... scope) {
        return add(tenant, Principal.Kind.APPLICATION, null, null, scope);
    }

    private String add(String tenant, Principal.Kind kind, DeviceId device, Instant expiresAt, String... scope) {
        // No bit that a test turns over in one makes another one of it.
        String secret = "secret-%d-%08x".formatted(bySecret.size(), (bySecret.size() + 1) * 0x9E37_79B1);
        Set<TopicFilter> filters = Stream.of(scope).map(TopicFilter::new).collect(Collectors.toSet());
        bySecret.put(
                secret,
                new Principal(
                        new TenantId(tenant),
                        device == null ? "key:" + secret : "device:" + device,
                        kind,
                        device,
                        Principal.Role.DEVICE,
                        filters,
                        filters,
                        expiresAt,
                        "credential of " + secret));
        return secret;
    }

    /// Makes a secret worthless just after it was shown once more, before whoever asked knows the answer.
    public void revokeWhenShown(String secret) {
        brief.add(secret);
    }

    /// Makes a secret worthless, as an owner would.
    public void revokeSecret(String secret) {
        Principal principal = bySecret.remove(secret);
        revoked.add(principal.credential());
        listeners.forEach(listener -> listener.accept(principal.credential()));
    }

    @Override
    public Verdict verify(String presented) {
        Principal principal = bySecret.get(presented);
        if (brief.remove(presented)) {
            revokeSecret(presented);
        }
        return principal == null
                ? new Verdict.Refused(Reason.UNKNOWN, "no such secret", null, "")
                : new Verdict.Accepted(principal);
    }

    @Override
    public void onRevoked(Consumer<String> listener) {
        listeners.add(listener);
    }

    @Override
    public boolean same(TenantId tenant, String former, String subject) {
        return former.equals(subject);
    }

    @Override
    public boolean gone(TenantId tenant, String subject) {
        return revoked.contains(subject.replace("key:", "credential of "));
    }

    @Override
    public boolean revoked(String credential) {
        return revoked.contains(credential);
    }

    @Override
    public Issued issueToken(TenantId tenant, DeviceId device, Duration validFor) {
        throw new UnsupportedOperationException("doors issue nothing");
    }

    @Override
    public Issued issueJwt(
            TenantId tenant,
            DeviceId device,
            Duration validFor,
            Algorithm algorithm,
            Set<TopicFilter> publish,
            Set<TopicFilter> subscribe) {
        throw new UnsupportedOperationException("doors issue nothing");
    }

    @Override
    public Optional<Issued> replace(TenantId tenant, DeviceId device, String credential) {
        throw new UnsupportedOperationException("doors issue nothing");
    }

    @Override
    public Issued issueKey(
            TenantId tenant,
            String title,
            Principal.Role role,
            Set<TopicFilter> publish,
            Set<TopicFilter> subscribe,
            Duration validFor) {
        throw new UnsupportedOperationException("doors issue nothing");
    }

    @Override
    public List<Issue> issued(TenantId tenant, DeviceId device) {
        throw new UnsupportedOperationException("doors list nothing");
    }

    @Override
    public boolean revoke(TenantId tenant, String credential) {
        throw new UnsupportedOperationException("doors revoke nothing");
    }

    @Override
    public void rotateKeys(Duration overlap) {
        throw new UnsupportedOperationException("doors rotate nothing");
    }

    @Override
    public String jwks() {
        throw new UnsupportedOperationException("doors publish no keys");
    }
}
