package tributary.broker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tributary.broker.JournalReplay.GroupName;
import tributary.broker.Subscription.Key;
import tributary.model.TenantId;

/// Which sessions, subscriptions and groups there are, each tenant's apart.
final class Directory {
    private final Map<Name, Session> sessions = new ConcurrentHashMap<>();
    private final Set<TenantId> tenants = ConcurrentHashMap.newKeySet();
    private final Map<TenantId, SubscriptionTree> trees = new ConcurrentHashMap<>();
    private final Map<GroupName, Group> groups = new ConcurrentHashMap<>();
    private final AtomicInteger subscriptions = new AtomicInteger();
    private final Commons.Tally tally;

    Directory(Commons.Tally tally) {
        this.tally = tally;
    }

    /// Sessions that have ended and whose will is not in the log yet.
    private final Set<Session> parting = ConcurrentHashMap.newKeySet();

    /// A client id is a name inside its tenant.
    record Name(TenantId tenant, String clientId) {}

    @Nullable
    Session session(TenantId tenant, String clientId) {
        return sessions.get(new Name(tenant, clientId));
    }

    /// @param before the session that is replaced, or null where there is none
    /// @return whether that was so
    boolean put(@Nullable Session before, Session session) {
        Name name = new Name(session.tenant(), session.clientId());
        tenants.add(session.tenant());
        if (before != null) {
            return sessions.replace(name, before, session);
        }
        boolean added = sessions.putIfAbsent(name, session) == null;
        if (added) {
            tally.of(session.tenant()).sessions.increment();
        }
        return added;
    }

    /// Frees the client id unless a later session has it.
    void remove(Session session) {
        if (sessions.remove(new Name(session.tenant(), session.clientId()), session)) {
            tally.of(session.tenant()).sessions.decrement();
        }
    }

    Collection<Session> sessions() {
        return sessions.values();
    }

    Set<Session> parting() {
        return parting;
    }

    int sessionCount() {
        return sessions.size();
    }

    int subscriptionCount() {
        return subscriptions.get();
    }

    /// @return tenants that had a session since the start
    Collection<TenantId> tenants() {
        return tenants;
    }

    @Nullable
    SubscriptionTree tree(TenantId tenant) {
        return trees.get(tenant);
    }

    /// Adds a subscription to the tree, or the session to the group that shares it.
    void listen(Session session, Subscription subscription, long[] from, Commons commons) {
        SubscriptionTree tree = trees.computeIfAbsent(session.tenant(), _ -> new SubscriptionTree());
        if (!subscription.shared()) {
            if (tree.add(new Listener(session, subscription, from))) {
                count(session.tenant(), 1);
            }
            return;
        }
        groups.compute(new GroupName(session.tenant(), subscription.key()), (name, known) -> {
            Group group = known == null
                    ? new Group(
                            commons, name.tenant(), name.key(), commons.log().partitions())
                    : known;
            if (group.add(session)) {
                count(name.tenant(), 1);
            }
            tree.add(new Listener(group, subscription, group.from(from)));
            return group;
        });
    }

    private void count(TenantId tenant, int more) {
        subscriptions.addAndGet(more);
        tally.of(tenant).subscriptions.add(more);
    }

    /// Takes a subscription out of the tree, or the session out of its group.
    void deafen(Session session, Key key) {
        SubscriptionTree tree = trees.get(session.tenant());
        if (tree == null) {
            return;
        }
        count(session.tenant(), -1);
        if (key.share().isEmpty()) {
            tree.remove(session, key.filter());
            return;
        }
        groups.computeIfPresent(new GroupName(session.tenant(), key), (_, group) -> {
            if (!group.remove(session)) {
                return group;
            }
            tree.remove(group, key.filter());
            return null;
        });
    }

    @Nullable
    Group group(TenantId tenant, Key key) {
        return groups.get(new GroupName(tenant, key));
    }

    List<Group> groups(TenantId tenant, Collection<Key> keys) {
        List<Group> found = new ArrayList<>(0);
        for (Key key : keys) {
            Group group = key.share().isEmpty() ? null : group(tenant, key);
            if (group != null) {
                found.add(group);
            }
        }
        return found;
    }

    Collection<Group> groups() {
        return groups.values();
    }
}
