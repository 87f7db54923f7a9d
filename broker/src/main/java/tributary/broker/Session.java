package tributary.broker;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import tributary.model.TenantId;
import tributary.model.TopicFilter;

/// What one client of one tenant has subscribed to, for as long as it is connected.
///
/// Owned by its outlet's thread. Sessions that outlive the connection will keep positions of the log here and no
/// messages; everything that a client may expect after reconnecting belongs into this class.
public final class Session {
    private final Broker broker;
    private final TenantId tenant;
    private final String clientId;
    private final String subject;
    private final Outlet outlet;
    private final Client client;
    private final Map<TopicFilter, Subscription> subscriptions = new HashMap<>(2);
    private boolean closed;

    Session(Broker broker, TenantId tenant, String clientId, String subject, Place place) {
        this.broker = broker;
        this.tenant = Objects.requireNonNull(tenant, "tenant");
        this.clientId = Objects.requireNonNull(clientId, "clientId");
        this.subject = Objects.requireNonNull(subject, "subject");
        this.outlet = place.outlet();
        this.client = place.client();
    }

    /// Where a client is to be found.
    ///
    /// @param outlet the way to its thread
    public record Place(Outlet outlet, Client client) {
        public Place {
            Objects.requireNonNull(outlet, "outlet");
            Objects.requireNonNull(client, "client");
        }
    }

    public TenantId tenant() {
        return tenant;
    }

    public String clientId() {
        return clientId;
    }

    /// @return whose session it is: the principal's subject
    public String subject() {
        return subject;
    }

    Outlet outlet() {
        return outlet;
    }

    Client client() {
        return client;
    }

    /// @return how many filters the session has
    public int subscriptionCount() {
        return subscriptions.size();
    }

    /// Adds a subscription, or replaces the one with the same filter. Messages that become durable after this call
    /// are heard.
    public void subscribe(Subscription subscription) {
        if (closed) {
            return;
        }
        boolean added = subscriptions.put(subscription.filter(), subscription) == null;
        broker.add(this, subscription, added);
    }

    /// @return whether there was a subscription with that filter
    public boolean unsubscribe(TopicFilter filter) {
        if (subscriptions.remove(filter) == null) {
            return false;
        }
        broker.remove(this, filter);
        return true;
    }

    /// Ends the session: its subscriptions are gone, and its client id is free unless somebody took it over.
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        for (TopicFilter filter : subscriptions.keySet()) {
            broker.remove(this, filter);
        }
        subscriptions.clear();
        broker.forget(this);
    }

    void deliver(Delivery delivery, Target target) {
        if (!closed) {
            client.deliver(delivery, target);
        }
    }

    @Override
    public String toString() {
        return "Session[%s %s]".formatted(tenant, clientId);
    }
}
