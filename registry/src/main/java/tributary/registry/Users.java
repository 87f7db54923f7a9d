package tributary.registry;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import tributary.model.TenantId;

/// People: first owner by one-time link, passwords with Argon2id, sessions.
public interface Users {
    /// @param name what the person signs in with, unique in the installation, lower case
    record User(long id, TenantId tenant, String name, Principal.Role role, Instant createdAt) {}

    /// @throws AlreadyExistsException   where the name is taken
    /// @throws IllegalArgumentException where the password is shorter than 12 characters or the role is DEVICE
    User add(TenantId tenant, String name, String password, Principal.Role role);

    List<User> all(TenantId tenant);

    boolean remove(TenantId tenant, long id);

    /// Makes a link secret that signs in once as an owner of `tenant`, so that the first person needs no password.
    /// It lives in memory only: a restart voids it.
    ///
    /// @return the secret, `7QF2-9KXM` shaped, with at least 40 bits; good for `validFor`, once
    String oneTimeLink(TenantId tenant, Duration validFor);

    /// Trades a one-time secret for a session; empty where it is unknown, used or too old.
    Optional<Session> redeem(String oneTimeSecret);

    /// Signs in. Same answer and same time for a wrong name and a wrong password; five failures in a row delay the
    /// next try.
    SignIn signIn(String name, String password);

    /// In memory after the first look: who a session secret stands for.
    Optional<Principal> session(String secret);

    void signOut(String sessionSecret);

    /// What has to come back in a header with every change that a session makes. It follows from the session's secret
    /// and does not give it away, so a request is checked by making it again.
    static String csrf(String sessionSecret) {
        return Sha256.of("csrf " + sessionSecret).hex().substring(0, 40);
    }

    /// @param secret    goes into an HttpOnly cookie
    /// @param csrf      [Users#csrf] of the secret; must come back in a header with every change
    record Session(String secret, String csrf, Principal principal, Instant expiresAt) {
        /// Without the secrets, fit for a log line.
        @Override
        public String toString() {
            return "Session[" + principal.credential() + " of " + principal.subject() + " until " + expiresAt + "]";
        }
    }

    /// The answer to a sign-in.
    sealed interface SignIn {
        record Welcome(Session session) implements SignIn {}

        record Refused() implements SignIn {}

        record Wait(Duration retryAfter) implements SignIn {}
    }
}
