package tributary.api;

import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tributary.broker.Arrival;
import tributary.broker.Attachment;
import tributary.broker.Broker;
import tributary.broker.Client;
import tributary.broker.Outlet;
import tributary.broker.Subscription;
import tributary.broker.Welcome;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Principal;

/// A client of the broker that takes nothing of what waits for it.
final class Guest implements Client {
    final BlockingQueue<Why> detached = new LinkedBlockingQueue<>();
    private final Attachment attachment;

    /// Connects a device with a session that outlives the connection.
    Guest(Broker broker, TenantId tenant, String device, String clientId) {
        Principal principal = new Principal(
                tenant,
                "device:" + device,
                Principal.Kind.DEVICE,
                new DeviceId(device),
                Principal.Role.DEVICE,
                Set.of(),
                Set.of(),
                null,
                "1");
        Outlet outlet = new Outlet(Runnable::run, () -> {}, 1 << 20);
        CompletableFuture<Welcome> answer = new CompletableFuture<>();
        broker.connect(new Arrival(principal, clientId, false, 3600, 10, null, outlet, this), answer::complete);
        if (!(soon(answer) instanceof Welcome.Attached welcome)) {
            throw new IllegalStateException("not let in: " + answer);
        }
        attachment = welcome.attachment();
    }

    Guest hears(Subscription subscription) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        attachment.subscribe(
                List.of(new Attachment.Request(subscription, Attachment.ShowRetained.NEVER)),
                failure -> done.complete(failure == null));
        if (!soon(done)) {
            throw new IllegalStateException("not subscribed");
        }
        return this;
    }

    Guest hears(String filter) {
        return hears(new Subscription(new TopicFilter(filter), 1, false, false, 0));
    }

    void goes() {
        attachment.detach(-1, false);
    }

    private static <T> T soon(CompletableFuture<T> answer) {
        try {
            return answer.get(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException("no answer", e);
        }
    }

    @Override
    public void wake() {
        // what waits stays where it is
    }

    @Override
    public void detached(Why why) {
        detached.add(why);
    }
}
