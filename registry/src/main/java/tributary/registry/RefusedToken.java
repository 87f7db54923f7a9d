package tributary.registry;

import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// Leaves the reading of a signed token at the first thing that is wrong with it. Never leaves this package: whoever
/// verifies turns it into an answer.
final class RefusedToken extends Exception {
    private static final long serialVersionUID = 1;

    private final Credentials.Reason reason;
    private final transient @Nullable TenantId tenant;

    /// @param tenant whose token it is, where a good signature says so
    RefusedToken(Credentials.Reason reason, String detail, @Nullable TenantId tenant) {
        super(detail, null, false, false);
        this.reason = reason;
        this.tenant = tenant;
    }

    static RefusedToken malformed(String detail) {
        return new RefusedToken(Credentials.Reason.MALFORMED, detail, null);
    }

    Credentials.Verdict answer() {
        String detail = getMessage();
        return new Credentials.Verdict.Refused(reason, detail == null ? "" : detail, tenant);
    }
}
