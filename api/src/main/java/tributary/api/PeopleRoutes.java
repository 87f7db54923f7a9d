package tributary.api;

import static tributary.api.Schema.may;
import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.model.DeviceId;
import tributary.registry.Principal;
import tributary.registry.Users;

/// People: who they are, how they sign in and out.
final class PeopleRoutes {
    private static final Duration LINK_VALID = Duration.ofMinutes(15);

    private static final Schema.Text ROLE = Schema.oneOf("what the person may", "viewer", "operator", "owner");

    private static final Schema.Obj USER = new Schema.Obj(
            "User",
            "A person who may sign in.",
            List.of(
                    must("id", Schema.text("for removing", 40)),
                    must("name", Schema.text("what the person signs in with", 200)),
                    must("role", ROLE),
                    must("createdAt", new Schema.Moment("when the person was added"))));

    private static final Schema.Obj USERS = new Schema.Obj(
            "UserList", "The people of a tenant.", List.of(must("users", new Schema.ListOf("all", USER, 100_000))));

    private static final Schema.Obj NEW_USER = new Schema.Obj(
            "NewUser",
            "A person to add.",
            List.of(
                    must("name", Schema.name("what the person signs in with, unique in the installation", 200)),
                    must("password", new Schema.Text("at least 12 characters", 12, 1024, "", List.of())),
                    must("role", ROLE)));

    private static final Schema.Obj SIGN_IN = new Schema.Obj(
            "SignIn",
            "Name and password.",
            List.of(
                    must("name", Schema.text("as it was added", 200)),
                    must("password", Schema.text("password", 1024))));

    private static final Schema.Obj WHO = new Schema.Obj(
            "WhoAmI",
            "Who the caller is.",
            List.of(
                    must("tenant", Schema.text("the tenant", 40)),
                    must("subject", Schema.text("stable name, key:7", 200)),
                    must("kind", Schema.oneOf("what kind of holder", "device", "application", "person")),
                    must("role", Schema.oneOf("what it may", "device", "viewer", "operator", "owner")),
                    orNull("device", Schema.text("the device it is", 128)),
                    orNull("expiresAt", new Schema.Moment("until when; null: for ever")),
                    may(
                            "csrf",
                            Schema.text("goes into X-CSRF-Token with every change, where a cookie signs in", 200))));

    private static final Schema.Obj LINK = new Schema.Obj(
            "SignInLink",
            "A link that signs in once as an owner.",
            List.of(
                    must("link", Schema.text("path on this server", 400)),
                    must("expiresAt", new Schema.Moment("until when"))));

    private final Users users;
    private final SessionCookie cookie;
    private final InstantSource clock;

    PeopleRoutes(Users users, SessionCookie cookie, InstantSource clock) {
        this.users = users;
        this.cookie = cookie;
        this.clock = clock;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/users",
                        Access.OWNER,
                        new Doc("people", "listUsers", "List people", ""),
                        new Shape(List.of(), null, Success.json(200, USERS)),
                        this::list),
                new Route(
                        Method.POST,
                        "/api/v1/users",
                        Access.OWNER,
                        new Doc("people", "addUser", "Add a person", ""),
                        new Shape(List.of(), NEW_USER, Success.json(201, USER)),
                        this::add),
                new Route(
                        Method.DELETE,
                        "/api/v1/users/{user}",
                        Access.OWNER,
                        new Doc("people", "removeUser", "Remove a person", "The last owner cannot be removed."),
                        new Shape(List.of(), null, Success.none(204, "The person cannot sign in any more.")),
                        this::remove),
                new Route(
                        Method.GET,
                        "/api/v1/session",
                        Access.DEVICE,
                        new Doc("session", "whoAmI", "Say who I am", ""),
                        new Shape(List.of(), null, Success.json(200, WHO)),
                        call -> Answer.ok(who(call.who()))),
                new Route(
                        Method.POST,
                        "/api/v1/session",
                        Access.ANYONE,
                        new Doc(
                                "session",
                                "signIn",
                                "Sign in with name and password",
                                "Sets a cookie that scripts cannot read."),
                        new Shape(List.of(), SIGN_IN, Success.json(200, WHO)),
                        this::signIn),
                new Route(
                        Method.DELETE,
                        "/api/v1/session",
                        Access.DEVICE,
                        new Doc("session", "signOut", "Sign out", ""),
                        new Shape(List.of(), null, Success.none(204, "The session is over.")),
                        this::signOut),
                new Route(
                        Method.GET,
                        "/api/v1/session/link",
                        Access.ANYONE,
                        new Doc(
                                "session",
                                "useLink",
                                "Sign in with a one-time link",
                                "Works once; sets the cookie and goes on to the portal, so that the secret"
                                        + " does not stay in"
                                        + " the address line."),
                        new Shape(
                                List.of(new Param("t", Schema.name("the link's secret", 200), false, true)),
                                null,
                                Success.none(303, "Signed in; go on to '/'.")),
                        this::useLink),
                new Route(
                        Method.POST,
                        "/api/v1/session/link",
                        Access.OWNER,
                        new Doc("session", "makeLink", "Make a one-time sign-in link", "Good for 15 minutes, once."),
                        new Shape(List.of(), null, Success.json(201, LINK)),
                        this::makeLink));
    }

    private Answer list(Call call) {
        ObjectNode node = Json.object();
        ArrayNode items = node.putArray("users");
        users.all(call.tenant()).forEach(user -> items.add(json(user)));
        return Answer.ok(node);
    }

    private Answer add(Call call) {
        return Answer.created(json(Flaws.kept(() -> users.add(
                call.tenant(),
                call.text("name", "").strip().toLowerCase(Locale.ROOT),
                call.text("password", ""),
                Principal.Role.valueOf(call.text("role", "").toUpperCase(Locale.ROOT))))));
    }

    private Answer remove(Call call) {
        Optional<Users.User> found = users.all(call.tenant()).stream()
                .filter(user -> Long.toString(user.id()).equals(call.place("user")))
                .findFirst();
        if (found.isEmpty()) {
            return Answer.notFound();
        }
        boolean owner = found.get().role() == Principal.Role.OWNER;
        long owners = users.all(call.tenant()).stream()
                .filter(user -> user.role() == Principal.Role.OWNER)
                .count();
        if (owner && owners == 1) {
            return Answer.refused(
                    ProblemCode.LAST_OWNER,
                    "This is the only owner, and somebody has to be. Add another owner first (POST /api/v1/users).");
        }
        return users.remove(call.tenant(), found.get().id()) ? Answer.done() : Answer.notFound();
    }

    private Answer signIn(Call call) {
        String name = call.text("name", "").strip().toLowerCase(Locale.ROOT);
        return switch (users.signIn(name, call.text("password", ""))) {
            case Users.SignIn.Welcome(Users.Session session) ->
                new Answer.Document(
                        200,
                        who(new Identity(session.principal(), session.secret(), session::principal)),
                        Map.of("Set-Cookie", List.of(keep(session, call))));
            case Users.SignIn.Refused _ ->
                Answer.refused(
                        ProblemCode.SIGN_IN_REFUSED,
                        "Name or password is wrong. An owner can make a one-time link with 'tributary link'.");
            case Users.SignIn.Wait(Duration retryAfter) ->
                new Answer.Refusal(Problem.of(
                                ProblemCode.SIGN_IN_WAIT,
                                "Too many tries failed. Wait " + Math.max(1, retryAfter.toSeconds())
                                        + " s before the next one.")
                        .retryAfter(retryAfter));
        };
    }

    private Answer signOut(Call call) {
        String session = call.who().session();
        if (session != null) {
            users.signOut(session);
        }
        return new Answer.Empty(
                204, Map.of("Set-Cookie", List.of(cookie.forget(call.asked().secure()))));
    }

    private Answer useLink(Call call) {
        Optional<Users.Session> session = users.redeem(call.query("t").orElse(""));
        if (session.isEmpty()) {
            return Answer.refused(
                    ProblemCode.LINK_USED,
                    "A sign-in link works once and for a few minutes. Make a new one with 'tributary link'.");
        }
        return new Answer.Empty(
                303, Map.of("Location", List.of("/"), "Set-Cookie", List.of(keep(session.get(), call))));
    }

    private Answer makeLink(Call call) {
        Instant until = clock.instant().plus(LINK_VALID);
        ObjectNode node = Json.object();
        node.put("link", path(users.oneTimeLink(call.tenant(), LINK_VALID)));
        node.put("expiresAt", Json.time(until));
        return Answer.created(node);
    }

    /// @return the path that a one-time secret is used at; without a host, because no header says ours reliably
    static String path(String secret) {
        return "/api/v1/session/link?t=" + secret;
    }

    private String keep(Users.Session session, Call call) {
        long seconds = Duration.between(clock.instant(), session.expiresAt()).toSeconds();
        return cookie.keep(session.secret(), Math.max(0, seconds), call.asked().secure());
    }

    private static ObjectNode who(Identity identity) {
        Principal principal = identity.principal();
        DeviceId device = principal.device();
        Instant expires = principal.expiresAt();
        String session = identity.session();
        ObjectNode node = Json.object();
        node.put("tenant", principal.tenant().value());
        node.put("subject", principal.subject());
        node.put("kind", principal.kind().name().toLowerCase(Locale.ROOT));
        node.put("role", principal.role().name().toLowerCase(Locale.ROOT));
        node.put("device", device == null ? null : device.value());
        node.put("expiresAt", expires == null ? null : Json.time(expires));
        if (session != null) {
            node.put("csrf", Users.csrf(session));
        }
        return node;
    }

    private static ObjectNode json(Users.User user) {
        ObjectNode node = Json.object();
        node.put("id", Long.toString(user.id()));
        node.put("name", user.name());
        node.put("role", user.role().name().toLowerCase(Locale.ROOT));
        node.put("createdAt", Json.time(user.createdAt()));
        return node;
    }
}
