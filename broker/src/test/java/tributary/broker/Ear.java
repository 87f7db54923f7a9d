package tributary.broker;

import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;
import tributary.model.TopicFilter;
import tributary.registry.Principal;

/// A client for tests: hears what its session tells it, and answers when it is told to.
///
/// What it hears reads `topic payload qos`, with `dup`, `retained` and `#packet id` where that holds.
final class Ear implements Client {
    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    final BlockingQueue<Why> detached = new LinkedBlockingQueue<>();
    private final ExecutorService thread;
    private final boolean answers;
    private @Nullable Attachment attachment;

    /// Whether the client reads; while it does not, nothing is taken from the session.
    volatile boolean reads = true;

    private Ear(ExecutorService thread, boolean answers) {
        this.thread = thread;
        this.answers = answers;
    }

    /// What an ear connects with.
    record Ticket(Broker broker, Outlet outlet, ExecutorService thread, TenantId tenant, String clientId) {
        Ear open(boolean clean, long expirySeconds, @Nullable Will will, boolean answers) throws Exception {
            return open(clean, expirySeconds, will, answers, 1000);
        }

        Ear open(boolean clean, long expirySeconds, @Nullable Will will, boolean answers, int receiveMax)
                throws Exception {
            return open(principal(tenant, "subject"), clean, expirySeconds, will, answers, receiveMax);
        }

        /// As somebody, with a session that lasts.
        Ear open(Principal who, long expirySeconds) throws Exception {
            return open(who, false, expirySeconds, null, true, 1000);
        }

        private Ear open(
                Principal who, boolean clean, long expirySeconds, @Nullable Will will, boolean answers, int receiveMax)
                throws Exception {
            Ear ear = new Ear(thread, answers);
            Welcome welcome = ear.connect(this, who, clean, expirySeconds, will, receiveMax);
            if (welcome instanceof Welcome.Attached) {
                return ear;
            }
            throw new AssertionError("not let in: " + welcome);
        }

        Welcome ask(String subject) throws Exception {
            Arrival arrival =
                    new Arrival(principal(tenant, subject), clientId, true, 0, 10, null, outlet, new Ear(thread, true));
            CompletableFuture<Welcome> answer = new CompletableFuture<>();
            broker.connect(arrival, answer::complete);
            return answer.get(60, TimeUnit.SECONDS);
        }
    }

    static Principal principal(TenantId tenant, String subject) {
        return new Principal(
                tenant,
                subject,
                Principal.Kind.APPLICATION,
                null,
                Principal.Role.DEVICE,
                Set.of(),
                Set.of(),
                null,
                "credential of " + subject);
    }

    private Welcome connect(
            Ticket ticket, Principal who, boolean clean, long expirySeconds, @Nullable Will will, int receiveMax)
            throws Exception {
        Arrival arrival =
                new Arrival(who, ticket.clientId(), clean, expirySeconds, receiveMax, will, ticket.outlet(), this);
        CompletableFuture<Welcome> answer = new CompletableFuture<>();
        ticket.broker().connect(arrival, answer::complete);
        Welcome welcome = answer.get(60, TimeUnit.SECONDS);
        if (welcome instanceof Welcome.Attached attached) {
            heard.add(attached.present() ? "present" : "fresh");
            on(() -> {
                attachment = attached.attachment();
                attachment.start();
            });
        }
        return welcome;
    }

    private void on(Runnable action) throws Exception {
        thread.submit(action).get(60, TimeUnit.SECONDS);
    }

    /// Subscribes and waits for the answer.
    Ear hears(String filter, int qos) throws Exception {
        String share = filter.startsWith("$share/") ? filter.split("/")[1] : "";
        String rest = share.isEmpty() ? filter : filter.substring(8 + share.length());
        return hears(
                new Subscription(share, new TopicFilter(rest), qos, false, false, 0), Attachment.ShowRetained.ALWAYS);
    }

    Ear hears(Subscription subscription, Attachment.ShowRetained show) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        on(() -> attachment.subscribe(
                List.of(new Attachment.Request(subscription, show)), failure -> done.complete(failure == null)));
        if (!done.get(60, TimeUnit.SECONDS)) {
            throw new AssertionError("not subscribed");
        }
        return this;
    }

    boolean forgets(String filter) throws Exception {
        CompletableFuture<boolean[]> done = new CompletableFuture<>();
        on(() -> attachment.unsubscribe(List.of(new Subscription.Key("", new TopicFilter(filter))), done::complete));
        return done.get(60, TimeUnit.SECONDS)[0];
    }

    void acknowledges(int packetId) throws Exception {
        on(() -> {
            attachment.acknowledged(packetId);
            wake();
        });
    }

    void receives(int packetId) throws Exception {
        on(() -> {
            attachment.received(packetId, false);
            wake();
        });
    }

    void completes(int packetId) throws Exception {
        on(() -> {
            attachment.completed(packetId);
            wake();
        });
    }

    void looksAgain() throws Exception {
        reads = true;
        on(this::wake);
    }

    /// Goes without a goodbye, its session lives as long as it was to.
    void goes() throws Exception {
        on(() -> attachment.detach(-1, true));
    }

    void saysGoodbye() throws Exception {
        on(() -> attachment.detach(-1, false));
    }

    Attachment attachment() {
        return attachment;
    }

    @Override
    public void wake() {
        while (reads && attachment != null) {
            switch (attachment.poll()) {
                case null -> {
                    return;
                }
                case Outgoing.Publish publish -> {
                    heard.add(publish.delivery().message().topic() + " "
                            + new String(publish.delivery().message().payload()) + " " + publish.qos()
                            + (publish.duplicate() ? " dup" : "")
                            + (publish.retain() ? " retained" : "")
                            + (answers || publish.packetId() == 0 ? "" : " #" + publish.packetId()));
                    if (answers && publish.qos() == 1) {
                        attachment.acknowledged(publish.packetId());
                    } else if (answers && publish.qos() == 2) {
                        attachment.received(publish.packetId(), false);
                    }
                }
                case Outgoing.Release release -> {
                    if (answers) {
                        attachment.completed(release.packetId());
                    } else {
                        heard.add("release #" + release.packetId());
                    }
                }
            }
        }
    }

    @Override
    public void detached(Why why) {
        detached.add(why);
    }

    /// @return what it hears next, or `nothing` after some seconds
    String next() throws InterruptedException {
        String next = heard.poll(60, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }

    /// @return whether nothing more is there after a moment
    boolean hearsNothing() throws InterruptedException {
        return heard.poll(300, TimeUnit.MILLISECONDS) == null;
    }
}
