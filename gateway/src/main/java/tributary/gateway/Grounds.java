package tributary.gateway;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Credentials.Verdict;
import tributary.registry.Principal;

/// Why somebody was refused, and who it was as far as that is proven.
///
/// @param cause    countable
/// @param sentence what is wrong and what to do about it, for the owner
/// @param tenant   whose attempt it is, or null where that cannot be known
/// @param subject  who it is or says to be, `device:pump-1`; proven where `tenant` is known; "" for nobody
/// @param device   the device, where it is known
public record Grounds(
        Cause cause,
        String sentence,
        @Nullable TenantId tenant,
        String subject,
        @Nullable DeviceId device) {
    private static final String DEVICE = "device:";

    public Grounds {
        Objects.requireNonNull(cause, "cause");
        Objects.requireNonNull(sentence, "sentence");
        Objects.requireNonNull(subject, "subject");
    }

    /// Somebody who proved nothing.
    public static Grounds unproven(Cause cause, String sentence) {
        return new Grounds(cause, sentence, null, "", null);
    }

    /// Somebody who signed in.
    public static Grounds of(Principal principal, Cause cause, String sentence) {
        return new Grounds(cause, sentence, principal.tenant(), principal.subject(), principal.device());
    }

    /// Somebody who may not publish there.
    public static Grounds of(Route.Closed route) {
        return of(
                route.principal(),
                Cause.of(route.refusal().reason()),
                route.refusal().detail());
    }

    /// Somebody without a credential.
    ///
    /// @param userName what stood in the place of the name: people put the token there
    /// @param how      how to sign in at this door
    public static Grounds noCredential(@Nullable String userName, String how) {
        return unproven(
                Cause.NO_CREDENTIAL,
                userName != null && Secrets.contains(userName)
                        ? "the token came as user name and no password with it: send the token as password and the"
                                + " device's id as user name"
                        : "no token came: " + how);
    }

    /// Somebody whose certificate is not good.
    public static Grounds ofCertificate(Verdict.Refused refused, String sentence) {
        return new Grounds(Cause.BAD_CERTIFICATE, sentence, refused.tenant(), refused.subject(), device(refused));
    }

    private static @Nullable DeviceId device(Verdict.Refused refused) {
        String subject = refused.subject();
        boolean known = refused.tenant() != null && subject.startsWith(DEVICE);
        return known && DeviceId.valid(subject.substring(DEVICE.length()))
                ? new DeviceId(subject.substring(DEVICE.length()))
                : null;
    }

    /// Somebody whose credential is not good.
    public static Grounds of(Verdict.Refused refused) {
        String subject = refused.subject();
        boolean known = refused.tenant() != null;
        DeviceId device = device(refused);
        String whose = subject.isEmpty() ? "" : known ? " of " + subject : " that says to be of " + subject;
        String anew = device == null
                ? known ? "issue a new key" : "make one: tributary device token ID"
                : "make a new one: tributary device token " + device;
        return switch (refused.reason()) {
            case MALFORMED ->
                bad(
                        refused,
                        device,
                        "what came as token is none (" + refused.detail() + "): copy it whole, or " + anew);
            case UNKNOWN ->
                bad(
                        refused,
                        device,
                        device == null
                                ? "the token" + whose + " is not known here (" + refused.detail() + "): " + anew
                                : "the token is of device '" + device
                                        + "', which does not exist any more: add it again," + " tributary device add "
                                        + device);
            case BAD_SIGNATURE ->
                bad(refused, device, "the token" + whose + " was not signed here (" + refused.detail() + "): " + anew);
            case NOT_YET_VALID ->
                bad(refused, device, "the token" + whose + " is from the future: set the clock of whoever made it");
            case WRONG_AUDIENCE ->
                bad(refused, device, "the token" + whose + " was made by or for another installation: " + anew);
            case EXPIRED ->
                new Grounds(
                        Cause.EXPIRED_CREDENTIAL,
                        "the token" + whose + " expired (" + refused.detail() + "): " + anew,
                        refused.tenant(),
                        subject,
                        device);
            case REVOKED ->
                new Grounds(
                        Cause.REVOKED_CREDENTIAL,
                        "the token" + whose + " was revoked (" + refused.detail() + "): " + anew,
                        refused.tenant(),
                        subject,
                        device);
        };
    }

    private static Grounds bad(Verdict.Refused refused, @Nullable DeviceId device, String sentence) {
        return new Grounds(Cause.BAD_CREDENTIAL, sentence, refused.tenant(), refused.subject(), device);
    }

    Grounds saying(String other) {
        return new Grounds(cause, other, tenant, subject, device);
    }
}
