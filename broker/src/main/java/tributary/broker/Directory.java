package tributary.broker;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tributary.broker.JournalReplay.GroupName;
import tributary.broker.Outflow.Back;
import tributary.broker.Subscription.Key;
import tributary.model.DeviceId;
import tributary.model.TenantId;

/// Which sessions, subscriptions and groups there are, each tenant's apart.
final class Directory {
    private final Map<Name, Session> sessions = new ConcurrentHashMap<>();
    private final Set<TenantId> tenants = ConcurrentHashMap.newKeySet();
    private final Map<TenantId, SubscriptionTree> trees = new ConcurrentHashMap<>();
    private final Map<GroupName, Group> groups = new ConcurrentHashMap<>();
    private final Map<Owner, Integer> ofDevices = new ConcurrentHashMap<>();
    private final AtomicInteger subscriptions = new AtomicInteger();
    private final Commons.Tally tally;

    Directory(Commons.Tally tally) {
        this.tally = tally;
    }

    /// Sessions that have ended and that a crash could bring back: their will is not in the log yet, or the
    /// journal does not have their end.
    private final Map<Name, Set<Session>> parting = new ConcurrentHashMap<>();

    private record Owner(TenantId tenant, DeviceId device) {}

    /// A client id is a name inside its tenant.
    record Name(TenantId tenant, String clientId) {}

    @Nullable
    Session session(TenantId tenant, String clientId) {
        return sessions.get(new Name(tenant, clientId));
    }

    /// @param before the session that is replaced, or null where there is none
    /// @return whether that was so
    boolean put(@Nullable Session before, Session session) {
        Name name = name(session);
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
        if (sessions.remove(name(session), session)) {
            tally.of(session.tenant()).sessions.decrement();
        }
    }

    Collection<Session> sessions() {
        return sessions.values();
    }

    /// A device has one session more, or one less.
    void count(TenantId tenant, @Nullable DeviceId device, int more) {
        if (device != null) {
            ofDevices.merge(new Owner(tenant, device), more, (a, b) -> a + b == 0 ? null : a + b);
        }
    }

    /// @return how many sessions the device has
    int sessionCount(TenantId tenant, DeviceId device) {
        return ofDevices.getOrDefault(new Owner(tenant, device), 0);
    }

    /// A session has ended; a crash could bring it back.
    void parts(Session session) {
        parting.compute(name(session), (_, known) -> {
            Set<Session> those = known == null ? ConcurrentHashMap.newKeySet(1) : known;
            those.add(session);
            return those;
        });
    }

    /// A session that has ended is gone for good.
    void gone(Session session) {
        parting.computeIfPresent(name(session), (_, those) -> {
            those.remove(session);
            return those.isEmpty() ? null : those;
        });
    }

    /// @return whether a crash could bring back a session of that name that has ended
    boolean lingers(TenantId tenant, String clientId) {
        return parting.containsKey(new Name(tenant, clientId));
    }

    List<Session> parting() {
        return parting.values().stream().flatMap(Set::stream).toList();
    }

    private static Name name(Session session) {
        return new Name(session.tenant(), session.clientId());
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
    void listen(Session session, Subscription subscription, Since since, Commons commons) {
        SubscriptionTree tree = trees.computeIfAbsent(session.tenant(), _ -> new SubscriptionTree());
        if (!subscription.shared()) {
            if (tree.add(new Listener(session, subscription, since))) {
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
            tree.add(new Listener(group, subscription, Since.of(group.from(since.from()))));
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
        if (key.share().isEmpty()) {
            if (tree.remove(session, key.filter())) {
                count(session.tenant(), -1);
            }
            return;
        }
        groups.computeIfPresent(new GroupName(session.tenant(), key), (_, group) -> {
            if (group.remove(session)) {
                count(session.tenant(), -1);
            }
            if (!group.isEmpty()) {
                return group;
            }
            tree.remove(group, key.filter());
            return null;
        });
    }

    /// A session has ended.
    void forget(Session session, List<Key> keys) {
        keys.forEach(key -> deafen(session, key));
        remove(session);
    }

    /// Messages go back to the groups that they came from.
    void giveBack(Session from, List<Back> backs) {
        if (backs.isEmpty()) {
            return;
        }
        Map<Key, List<Backlog.Entry>> byGroup = new LinkedHashMap<>();
        for (Back back : backs) {
            byGroup.computeIfAbsent(back.share(), _ -> new ArrayList<>()).add(back.entry());
        }
        byGroup.forEach((key, entries) -> {
            Group group = group(from.tenant(), key);
            if (group == null) {
                from.membership().returned(key);
            } else {
                group.giveBack(from, entries);
            }
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
