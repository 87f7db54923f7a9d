package tributary.gateway.http;

import io.helidon.common.socket.PeerInfo;
import org.jspecify.annotations.Nullable;
import tributary.gateway.Attempts;
import tributary.gateway.Caller;
import tributary.gateway.Grounds;
import tributary.model.Message;
import tributary.registry.Principal;

/// Who sends one request: its address, and from the proof on its principal.
final class Requester implements Caller {
    private final PeerInfo peer;
    private @Nullable Principal principal;

    Requester(PeerInfo peer) {
        this.peer = peer;
    }

    /// @param authorization the header, or null where there is none
    /// @throws Refusal with 401 where nobody is known
    Principal prove(Proof proof, @Nullable String authorization) {
        Principal proven = proof.of(authorization);
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
        return Caller.host(peer.address());
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
