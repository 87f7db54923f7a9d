package tributary.gateway.http;

import io.helidon.webserver.http.ServerRequest;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Attempts;
import tributary.gateway.Caller;
import tributary.gateway.Grounds;
import tributary.model.Message;
import tributary.registry.Principal;

/// Who sends one request: its address, and from the proof on its principal.
final class Requester implements Caller {
    private final ServerRequest request;
    private @Nullable Principal principal;

    Requester(ServerRequest request) {
        this.request = request;
    }

    /// @throws Refusal with 401 where nobody is known
    Principal prove(Proof proof) {
        Principal proven = proof.of(request.headers());
        principal = proven;
        return proven;
    }

    /// Notes a refusal that is not noted yet.
    void note(Refusal refusal, Attempts attempts) {
        Grounds grounds = refusal.grounds(principal);
        if (grounds != null) {
            attempts.note(this, grounds);
        }
    }

    @Override
    public Message.Origin door() {
        return Message.Origin.HTTP;
    }

    @Override
    public String address() {
        return Caller.host(request.remotePeer().address());
    }

    @Override
    public String userName() {
        return "";
    }

    @Override
    public String clientId() {
        return "";
    }
}
