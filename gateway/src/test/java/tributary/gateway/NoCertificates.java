package tributary.gateway;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import tributary.model.TenantId;
import tributary.registry.Certificates;
import tributary.registry.Credentials.Reason;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Principal;

/// No tenant has brought an authority, so every certificate is a stranger's.
public final class NoCertificates implements Certificates {
    @Override
    public Verdict verify(List<X509Certificate> chain) {
        return new Verdict.Refused(Reason.UNKNOWN, "nobody here knows its authority", null);
    }

    @Override
    public boolean good(Principal principal) {
        return false;
    }

    @Override
    public void onChange(Runnable listener) {
        // nothing ever changes
    }

    @Override
    public Authority add(TenantId tenant, String title, String certificate, String proof) {
        throw new UnsupportedOperationException("doors add nothing");
    }

    @Override
    public List<Authority> authorities(TenantId tenant) {
        return List.of();
    }

    @Override
    public boolean remove(TenantId tenant, String authority) {
        return false;
    }

    @Override
    public boolean revoke(TenantId tenant, String authority, Mark mark) {
        return false;
    }

    @Override
    public Optional<Integer> takeList(TenantId tenant, String authority, String list) {
        return Optional.empty();
    }

    @Override
    public List<Revoked> revoked(TenantId tenant, String authority) {
        return List.of();
    }
}
