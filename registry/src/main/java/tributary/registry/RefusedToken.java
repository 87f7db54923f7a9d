package tributary.registry;

import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;

/// Leaves the reading of a signed token at the first thing that is wrong with it. Never leaves this package: whoever
/// verifies turns it into an answer.
final class RefusedToken extends Exception {
    private static final long serialVersionUID = 1;

    private final Credentials.Reason reason;
    private final transient @Nullable TenantId tenant;
    private final String subject;

    /// @param tenant  whose token it is, where a good signature says so
    /// @param subject whom it is of, or without a tenant whom it says to be of, or ""
    RefusedToken(Credentials.Reason reason, String detail, @Nullable TenantId tenant, String subject) {
        super(detail, null, false, false);
        this.reason = reason;
        this.tenant = tenant;
        this.subject = subject;
    }

    static RefusedToken malformed(String detail) {
        return new RefusedToken(Credentials.Reason.MALFORMED, detail, null, "");
    }

    Credentials.Verdict answer() {
        String detail = getMessage();
        return new Credentials.Verdict.Refused(reason, detail == null ? "" : detail, tenant, subject);
    }
}
