package tributary.api;

import tributary.model.TenantId;
import tributary.registry.Principal;

/// Who may call a route. The gate asks; no handler does.
enum Access {
    /// Everybody, without a credential.
    ANYONE("anyone"),
    /// A device for itself, and everybody who may read the tenant.
    DEVICE("device"),
    /// Everybody who may read the tenant.
    VIEWER("viewer"),
    /// Who may change devices, sensors and their credentials.
    OPERATOR("operator"),
    /// Who may change people and keys.
    OWNER("owner"),
    /// Who reads figures of the whole installation: a viewer of the tenant `main`, or a caller on this machine.
    MONITOR("monitor"),
    /// Who may change what all tenants share: an owner of the tenant `main`.
    INSTALLATION("installation");

    private final String label;

    Access(String label) {
        this.label = label;
    }

    /// @return its name in documents
    String label() {
        return label;
    }

    /// @return whether `principal` may; [#ANYONE] needs none, so nobody asks it
    boolean admits(Principal principal) {
        return switch (this) {
            case ANYONE -> true;
            case DEVICE -> principal.may(Principal.Role.DEVICE);
            case VIEWER -> principal.may(Principal.Role.VIEWER);
            case OPERATOR -> principal.may(Principal.Role.OPERATOR);
            case OWNER -> principal.may(Principal.Role.OWNER);
            case MONITOR ->
                principal.may(Principal.Role.VIEWER) && principal.tenant().equals(TenantId.MAIN);
            case INSTALLATION ->
                principal.may(Principal.Role.OWNER) && principal.tenant().equals(TenantId.MAIN);
        };
    }
}
