package tributary.api;

import tributary.model.TenantId;
import tributary.registry.Principal;

/// Who may call a route. The gate asks; no handler does.
enum Access {
    /// Everybody, without a credential.
    ANYONE("anyone", "nothing"),
    /// Whoever has a link to a dashboard, for that dashboard; nobody else, for it is no account.
    SHARE("share", "the link to a dashboard"),
    /// A device for itself, and everybody who may read the tenant.
    DEVICE("device", "a credential of a device, or the role viewer"),
    /// Everybody who may read the tenant.
    VIEWER("viewer", "the role viewer"),
    /// Who may change devices, sensors and their credentials.
    OPERATOR("operator", "the role operator"),
    /// Who may change people and keys.
    OWNER("owner", "the role owner"),
    /// Who reads figures of the whole installation: a viewer of the tenant `main`, or a caller on this machine.
    MONITOR("monitor", "the role viewer in the tenant main"),
    /// Who looks after the installation: an operator of the tenant `main`.
    OPERATIONS("operations", "the role operator in the tenant main"),
    /// Who may change what all tenants share: an owner of the tenant `main`.
    INSTALLATION("installation", "the role owner in the tenant main");

    private final String label;
    private final String need;

    Access(String label, String need) {
        this.label = label;
        this.need = need;
    }

    /// @return its name in documents
    String label() {
        return label;
    }

    /// @return what it takes, in words for people
    String need() {
        return need;
    }

    /// @return whether `principal` may; [#ANYONE] needs none, so nobody asks it
    boolean admits(Principal principal) {
        if (principal.kind() == Principal.Kind.LINK) {
            return this == SHARE;
        }
        return switch (this) {
            case ANYONE -> true;
            case SHARE -> false;
            case DEVICE -> principal.may(Principal.Role.DEVICE);
            case VIEWER -> principal.may(Principal.Role.VIEWER);
            case OPERATOR -> principal.may(Principal.Role.OPERATOR);
            case OWNER -> principal.may(Principal.Role.OWNER);
            case MONITOR ->
                principal.may(Principal.Role.VIEWER) && principal.tenant().equals(TenantId.MAIN);
            case OPERATIONS ->
                principal.may(Principal.Role.OPERATOR) && principal.tenant().equals(TenantId.MAIN);
            case INSTALLATION ->
                principal.may(Principal.Role.OWNER) && principal.tenant().equals(TenantId.MAIN);
        };
    }
}
