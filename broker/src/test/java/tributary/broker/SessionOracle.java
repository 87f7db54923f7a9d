package tributary.broker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tributary.broker.SimulatedClient.Said;
import tributary.broker.Subscription.Key;
import tributary.model.DeviceId;
import tributary.model.Message;
import tributary.model.TenantId;

/// Knows from the outside what each session must, may and must not hear, and judges.
///
/// It sees what the doors ask of the broker and what clients are told, and at the end what is in the log. Where
/// a crash makes it impossible to know which of two things happened, both are allowed.
final class SessionOracle {
    /// Timers run a little late; a message of that age is not judged.
    private static final long MARGIN_NANOS = 2_000_000_000L;

    private static final long SECOND = 1_000_000_000L;

    private final SessionSimulation world;
    private final Map<Holder, Life> lives = new HashMap<>();
    private final Map<SimulatedLine, Arrived> arrived = new HashMap<>();
    private final Map<Holder, Team> teams = new HashMap<>();
    private final Map<SimulatedClient, Set<Spot>> heard = new HashMap<>();
    private final Map<SimulatedClient, Set<Spot>> heardOnce = new HashMap<>();
    private final Map<Long, Said> said = new HashMap<>();
    private final Map<Long, Boolean> acknowledged = new HashMap<>();
    private final Map<Long, LastWord> wills = new HashMap<>();

    /// What the journal has before this is to go.
    private long forgetTo;

    /// A client id, or a shared subscription, of one tenant.
    private record Holder(TenantId tenant, String name) {}

    private record Spot(int partition, long position) {}

    private enum Present {
        MUST,
        MUST_NOT,
        EITHER
    }

    /// What the oracle expected when a client asked to be let in.
    ///
    /// @param early wills of the session whose time had certainly not come then
    private record Arrived(Present present, @Nullable Life before, List<LastWord> early) {}

    /// One session.
    private static final class Life {
        @Nullable
        SimulatedLine line;

        /// Whether a crash may have left this session, another of that name, or none.
        boolean vague;

        boolean over;
        long expiryMin;
        long expiryMax;

        /// What the last goodbye asked for, until a crash cannot undo it; or -1.
        long expiryNext = -1;

        /// When the client left at the earliest and the latest.
        long leftFrom;

        long leftTo;
        final Map<Key, Interest> interests = new HashMap<>();

        /// Whether its client does what it can to keep it.
        final boolean steady;

        /// Whether its client works in a group; the session may be a member also where nobody outside knows.
        final boolean worker;

        /// Wills of its connections that may still be due.
        final List<LastWord> words = new ArrayList<>();

        Life(SimulatedLine line) {
            this.line = line;
            this.steady = line.client().name().nature().steady();
            this.worker = !line.client().share().isEmpty();
        }
    }

    /// One subscription of a session.
    private static final class Interest {
        final Subscription subscription;
        final long[] from;
        int lowestQos;
        boolean sure;

        Interest(Subscription subscription, long[] from) {
            this.subscription = subscription;
            this.from = from;
            this.lowestQos = subscription.qos();
        }
    }

    /// The sessions that share a subscription.
    private static final class Team {
        final Set<Spot> heard = new HashSet<>();
        final Set<Spot> heardOnce = new HashSet<>();

        /// From where the group is to hear all because a member of it stays; or null.
        long @Nullable [] from;

        /// Up to where messages of QoS 2 may have been under way to a member whose session ended, and with it.
        long[] lostTo = {};
    }

    /// One will.
    private static final class LastWord {
        final SimulatedLine line;

        /// How long it waits at the least and the most: a client that leaves may change how long its session
        /// lives on.
        long delayMin;

        long delayMax;

        /// When its client left, at the earliest and the latest.
        long leftFrom = -1;

        long leftTo = -1;

        /// Whether its author lost the right to say it.
        boolean over;

        /// Whether the client said goodbye, or came back in time, so that it is not due.
        boolean takenBack;

        /// Whether the journal has that.
        boolean neverDue;

        /// Whether a crash made it unknowable whether it is due.
        boolean either;

        /// Whether it counts again because whoever came was not let in, and the journal may not have that yet.
        boolean restored;

        /// Whether its time had certainly come, and whether the journal has that.
        boolean owed;

        boolean owedForGood;

        /// Whether it was published when it could be due; from then on it may be tried again at any time.
        boolean spoken;

        LastWord(SimulatedLine line, long delaySeconds) {
            this.line = line;
            this.delayMin = Math.min(delaySeconds, line.hello().expirySeconds()) * SECOND;
            this.delayMax = delayMin;
        }

        /// The session is to live on for so long.
        void livesOn(long expirySeconds) {
            long delay = Math.min(line.hello().will().delaySeconds(), expirySeconds) * SECOND;
            delayMin = Math.min(delayMin, delay);
            delayMax = Math.max(delayMax, delay);
        }

        void left(long now) {
            leftFrom = leftFrom < 0 ? now : leftFrom;
            leftTo = leftTo < 0 ? now : leftTo;
        }

        /// @return whether its client has certainly been away for less than its delay
        boolean early(long now) {
            return leftFrom >= 0 && now - leftFrom < delayMin;
        }

        /// @return whether its client has certainly been away for longer
        boolean late(long now) {
            return leftTo >= 0 && now - leftTo > delayMax + MARGIN_NANOS;
        }
    }

    SessionOracle(SessionSimulation world) {
        this.world = world;
    }

    private static AssertionError broken(String what, Object... arguments) {
        return new AssertionError(what.formatted(arguments));
    }

    private static Holder holder(SimulatedClient client) {
        return new Holder(client.tenant(), client.id());
    }

    private @Nullable Life current(SimulatedLine line) {
        Life life = lives.get(holder(line.client()));
        return life != null && life.line == line ? life : null;
    }

    // What clients publish.

    void published(Said one) {
        said.put(one.number(), one);
    }

    void acknowledged(Said one, boolean stored) {
        if (stored) {
            acknowledged.put(one.number(), true);
        }
    }

    // Sessions.

    /// A client asks to be let in.
    void connecting(SimulatedLine line) {
        Holder holder = holder(line.client());
        Life before = lives.get(holder);
        Present present = present(line, before);
        if (line.hello().will() != null) {
            wills.put(
                    number(line.hello().will()),
                    new LastWord(line, line.hello().will().delaySeconds()));
        }
        if (before != null) {
            wordsWhenReplaced(before, present);
        }
        List<LastWord> early = before == null
                ? List.of()
                : before.words.stream()
                        .filter(word -> !word.either && word.early(world.nanos()))
                        .toList();
        arrived.put(line, new Arrived(present, before, early));
        if (before != null && present != Present.MUST_NOT) {
            // Until it is known whether the client is let in; for good where a crash left it open how long it was away.
            before.words.stream().filter(word -> !word.owed).forEach(word -> word.either = true);
            before.line = line;
            before.words.addAll(wordsOf(line));
            before.expiryNext = -1;
            before.expiryMin = Math.min(before.expiryMin, line.hello().expirySeconds());
            before.expiryMax = Math.max(before.expiryMax, line.hello().expirySeconds());
            return;
        }
        if (before != null) {
            end(before);
        }
        Life life = new Life(line);
        life.words.addAll(wordsOf(line));
        lives.put(holder, life);
    }

    /// Somebody asks for a session: wills of connections that it had may be due by that.
    private void wordsWhenReplaced(Life before, Present present) {
        long now = world.nanos();
        if (before.line != null && before.line.welcomed()) {
            before.leftFrom = now;
        }
        for (LastWord word : before.words) {
            boolean takenOver = word.line == before.line;
            if (takenOver) {
                word.left(now);
                word.either |= !word.line.welcomed();
            }
            boolean over = present == Present.MUST_NOT || takenOver && word.delayMax == 0 || word.late(now);
            word.owed |= over && word.line.welcomed() && !before.vague;
        }
    }

    private Present present(SimulatedLine line, @Nullable Life before) {
        if (before == null || before.over || line.hello().clean()) {
            return Present.MUST_NOT;
        }
        if (before.vague) {
            return Present.EITHER;
        }
        if (before.line != null) {
            return before.expiryMin > 0
                    ? Present.MUST
                    : before.expiryMax == 0 && before.line.welcomed() ? Present.MUST_NOT : Present.EITHER;
        }
        if (world.nanos() - before.leftFrom < before.expiryMin * SECOND - MARGIN_NANOS) {
            return Present.MUST;
        }
        return world.nanos() - before.leftTo > before.expiryMax * SECOND + MARGIN_NANOS
                ? Present.MUST_NOT
                : Present.EITHER;
    }

    /// @return what stands for the session that the client is in; another one where the client is in another session
    Object welcomed(SimulatedLine line, boolean present) {
        Arrived then = arrived.remove(line);
        if (then == null) {
            throw broken("%s is let in without having asked", line.client());
        }
        boolean lie = present ? then.present() == Present.MUST_NOT : then.present() == Present.MUST;
        if (lie) {
            throw broken("%s is told that its session is present: %s", line.client(), present);
        }
        Life life = current(line);
        if (life != null && life == then.before() && present) {
            cameBack(life, line, then.early());
        }
        if (life == null) {
            renew(line, then, present);
            Life now = lives.get(holder(line.client()));
            if (line.ended() && now != null && now.line == null) {
                now.leftTo = world.nanos(); // the door lets go of it only now
                wordsOf(line).forEach(word -> word.leftTo = world.nanos());
            }
            return present && then.before() != null ? then.before() : line; // somebody else took it meanwhile
        }
        if (life == then.before() && !present) {
            for (LastWord word : life.words) {
                word.owed |= word.line != line && word.line.welcomed() && !life.vague;
            }
            end(life);
            life = new Life(line);
            life.words.addAll(wordsOf(line));
            lives.put(holder(line.client()), life);
        }
        if (life.vague) {
            life.interests.clear();
            life.vague = false;
        }
        life.expiryMin = line.hello().expirySeconds();
        life.expiryMax = life.expiryMin;
        life.expiryNext = -1;
        return life;
    }

    /// Wills of former connections whose time had not come are not published.
    private static void cameBack(Life life, SimulatedLine line, List<LastWord> early) {
        for (LastWord word : life.words) {
            boolean inTime = word.line != line && !word.owed && !word.spoken && early.contains(word);
            word.takenBack |= inTime;
            word.neverDue |= inTime; // whoever is let in hears that from the journal
        }
        life.words.removeIf(word -> word.line != line);
    }

    /// It was a new session that somebody else has taken since.
    private void renew(SimulatedLine line, Arrived then, boolean present) {
        Life life = lives.get(holder(line.client()));
        if (!present && life != null && life == then.before()) {
            end(life);
            Life next = new Life(line);
            next.line = life.line;
            next.vague = life.vague;
            next.expiryMin = life.expiryMin;
            next.expiryMax = life.expiryMax;
            for (LastWord word : life.words) {
                word.either |= word.line != line && word.line != life.line;
                next.words.add(word);
            }
            next.leftFrom = life.leftFrom;
            next.leftTo = life.leftTo;
            lives.put(holder(line.client()), next);
        }
    }

    /// @return whether nobody outside can know which session a client would get
    boolean vague(SimulatedLine line) {
        Life life = lives.get(holder(line.client()));
        return life != null && life.vague;
    }

    /// The session could not be noted, and the client was told so.
    void notLetIn(SimulatedLine line) {
        Arrived then = arrived.remove(line);
        Life life = current(line);
        for (LastWord word : wordsOf(line)) {
            word.left(world.nanos());
            word.takenBack = true;
        }
        if (life == null) {
            return;
        }
        if (then != null && life == then.before()) {
            for (LastWord word : then.early()) {
                word.either = false;
                word.restored = true;
            }
        }
        life.words.removeAll(wordsOf(line));
        life.line = null;
        life.leftTo = world.nanos();
        if (then == null || life != then.before() || then.present() != Present.MUST) {
            life.vague = true; // it may have been a new session
        }
        life.expiryMin = Math.min(life.expiryMin, line.hello().expirySeconds());
        life.expiryMax = Math.max(life.expiryMax, line.hello().expirySeconds());
    }

    /// The door lets go of a client.
    void leaving(SimulatedLine line, long expires, boolean willing) {
        for (LastWord word : wordsOf(line)) {
            word.left(world.nanos());
            word.takenBack |= !willing && current(line) != null && line.welcomed();
            if (expires >= 0) {
                word.livesOn(expires);
            }
        }
        Life life = current(line);
        if (life == null) {
            return;
        }
        life.line = null;
        life.leftFrom = world.nanos();
        life.leftTo = world.nanos();
        if (!line.welcomed()) {
            life.vague = true;
            return;
        }
        if (expires >= 0) {
            life.expiryNext = expires;
            life.expiryMin = Math.min(life.expiryMin, expires);
            life.expiryMax = Math.max(life.expiryMax, expires);
        }
    }

    /// The broker took a session from its client.
    void sentAway(SimulatedLine line, Client.Why why) {
        wordsOf(line).forEach(word -> word.left(world.nanos()));
        Life life = current(line);
        if (life != null && why == Client.Why.REVOKED) {
            wordsOf(line).forEach(word -> word.over = true);
            end(life);
        }
    }

    private void end(Life life) {
        life.over = true;
        life.interests.clear();
        lostWithMember();
        if (life.worker && life.steady) {
            teams.values().forEach(team -> team.from = null); // until one that stays subscribes again
        }
    }

    /// What was under way at QoS 2 to a member of a group that is gone, nobody else gets. QoS 1 goes to
    /// another.
    private void lostWithMember() {
        teams.values().forEach(team -> team.lostTo = world.ends());
    }

    /// What the journal has cannot be undone any more; called when nothing of it is on its way.
    void settled() {
        if (!world.journalIdle()) {
            return;
        }
        for (Life life : lives.values()) {
            if (life.line == null && life.expiryNext >= 0) {
                life.expiryMin = life.expiryNext;
                life.expiryMax = life.expiryNext;
                life.expiryNext = -1;
            }
        }
        for (LastWord word : wills.values()) {
            word.neverDue |= word.takenBack;
            word.owedForGood |= word.owed;
            word.restored = false;
        }
    }

    /// The server's process died.
    void crashed() {
        settled();
        long now = world.nanos();
        boolean noted = world.journalIdle();
        for (LastWord word : wills.values()) {
            boolean there = word.leftFrom < 0;
            word.left(now);
            word.leftTo = there || !noted ? now : word.leftTo;
            word.either |= word.takenBack && !word.neverDue || !word.line.welcomed() || word.restored;
            word.takenBack &= word.neverDue;
            word.owed &= word.owedForGood;
        }
        for (Arrived then : arrived.values()) {
            Life before = then.before();
            if (before != null && then.present() != Present.MUST) {
                before.vague = true; // also where another connection has asked for it since
            }
        }
        for (Life life : lives.values()) {
            SimulatedLine line = life.line;
            if (line != null && !line.welcomed()) {
                Arrived then = arrived.get(line);
                life.vague |= then == null || life != then.before() || then.present() != Present.MUST;
                life.expiryMin = Math.min(life.expiryMin, line.hello().expirySeconds());
                life.expiryMax = Math.max(life.expiryMax, line.hello().expirySeconds());
            }
            if (line != null && line.welcomed()) {
                life.leftFrom = now;
            }
            life.line = null;
            life.expiryNext = -1;
            life.leftTo = now;
            life.interests.values().removeIf(interest -> !interest.sure);
        }
        arrived.clear();
        lostWithMember();
    }

    /// A client asks for a subscription.
    ///
    /// @return runs when it is told that it has it
    Runnable subscribing(SimulatedLine line, Subscription subscription, long[] ends) {
        Life life = current(line);
        if (life == null) {
            return () -> {};
        }
        Interest interest =
                life.interests.computeIfAbsent(subscription.key(), _ -> new Interest(subscription, ends.clone()));
        interest.lowestQos = Math.min(interest.lowestQos, subscription.qos());
        return () -> {
            interest.sure = true;
            if (!life.over
                    && subscription.shared()
                    && line.client().name().nature().steady()) {
                Team team = team(line.client());
                team.from = team.from == null ? ends.clone() : team.from;
            }
        };
    }

    /// A subscription could not be noted: one that was there before stays.
    void notSubscribed(SimulatedLine line, Key key) {
        Life life = current(line);
        Interest interest = life == null ? null : life.interests.get(key);
        if (interest != null && !interest.sure) {
            unsubscribing(line, key);
        }
    }

    void unsubscribing(SimulatedLine line, Key key) {
        Life life = current(line);
        if (life != null) {
            life.interests.remove(key);
        }
        if (!key.share().isEmpty()) {
            lostWithMember();
        }
    }

    private Team team(SimulatedClient client) {
        return teams.computeIfAbsent(new Holder(client.tenant(), client.share()), _ -> new Team());
    }

    // What clients hear.

    void heard(SimulatedLine line, Outgoing.Publish publish, Map<String, Long> newest) {
        SimulatedClient client = line.client();
        Message message = publish.delivery().message();
        if (!message.tenant().equals(client.tenant())) {
            throw broken("%s hears a message of tenant %s", client, message.tenant());
        }
        if (publish.retain()) {
            return;
        }
        Spot spot = new Spot(publish.delivery().partition(), publish.delivery().position());
        boolean shared = !client.share().isEmpty();
        boolean first = heard.computeIfAbsent(client, _ -> new HashSet<>()).add(spot);
        Set<Spot> once = shared ? team(client).heardOnce : heardOnce.computeIfAbsent(client, _ -> new HashSet<>());
        if (publish.qos() == 2 && !once.add(spot)) {
            throw broken("%s of QoS 2 is heard twice, now by %s", spot, client);
        }
        if (shared) {
            team(client).heard.add(spot);
            return;
        }
        // All that one publisher says on a topic is in one partition. QoS 0 has an order of its own, and no memory.
        Map<String, Long> last = publish.qos() == 0 ? line.newest() : newest;
        String topic = message.topic().value() + " in partition " + spot.partition();
        Long before = last.get(topic);
        if (first && before != null && spot.position() < before) {
            throw broken("%s hears %s of %s after %d", client, spot, topic, before);
        }
        last.merge(topic, spot.position(), Math::max);
    }

    // Wills.

    private static long number(Will will) {
        return Long.parseLong(will.properties().contentType().substring(2));
    }

    private List<LastWord> wordsOf(SimulatedLine line) {
        Will will = line.hello().will();
        LastWord word = will == null ? null : wills.get(number(will));
        return word == null ? List.of() : List.of(word);
    }

    /// The broker publishes a will.
    void speaks(Will will) {
        LastWord word = wills.get(number(will));
        if (word == null) {
            throw broken("the will %d belongs to nobody", number(will));
        }
        if (word.spoken) {
            return; // it is tried again
        }
        if (word.leftFrom < 0) {
            throw broken("the will of %s is published while it is connected", word.line.client());
        }
        if (word.takenBack) {
            throw broken("the will of %s is published although it is not due", word.line.client());
        }
        Life life = lives.get(holder(word.line.client()));
        boolean waits = life != null
                && !life.over
                && life.line == null
                && !life.vague
                && life.words.contains(word)
                && life.expiryMin * SECOND >= word.delayMin;
        if (waits && word.early(world.nanos())) {
            throw broken("the will of %s is published within %d ns", word.line.client(), word.delayMin);
        }
        word.spoken = true;
    }

    /// The device of a client was removed: it has no last word.
    void removed(SimulatedClient client) {
        Life life = lives.get(holder(client));
        if (life != null) {
            life.words.forEach(word -> word.over = true);
            life.vague = true;
        }
    }

    // The end.

    /// @param dropped messages that the broker counted as dropped
    void judge(long dropped) {
        judgePublishes();
        List<String> missing = new ArrayList<>();
        lives.forEach((holder, life) -> {
            if (!life.over && !life.vague) {
                List<String> own = new ArrayList<>();
                missing(holder, life, own);
                compare(holder + ": ", own, world.droppedOf(holder.tenant(), holder.name()));
                missing.addAll(own);
            }
        });
        for (Map.Entry<Holder, Team> entry : teams.entrySet()) {
            Team team = entry.getValue();
            long[] from = team.from;
            if (from != null) {
                missing(entry.getKey(), team, from, missing);
            }
        }
        compare("", missing, dropped);
    }

    private static void compare(String whose, List<String> missing, long dropped) {
        if (missing.size() > dropped) {
            throw broken(
                    "%s%d messages were never heard, %d were counted as dropped: %s",
                    whose, missing.size(), dropped, missing.subList(0, Math.min(10, missing.size())));
        }
    }

    private void missing(Holder holder, Life life, List<String> missing) {
        SimulatedClient client = world.client(holder.tenant(), holder.name());
        if (client == null) {
            return; // its device was removed
        }
        Set<Spot> spots = heard.getOrDefault(client, Set.of());
        for (int p = 0; p < world.log().partitions(); p++) {
            List<Message> records = world.log().records(p);
            for (int i = 0; i < records.size(); i++) {
                Message message = records.get(i);
                Spot spot = new Spot(p, i);
                if (message.qos() > 0
                        && worth(holder, message)
                        && !spots.contains(spot)
                        && wants(life, message, spot)) {
                    missing.add("%s wants %s %s %d".formatted(client, spot, message.topic(), Said.number(message)));
                }
            }
        }
    }

    private void missing(Holder holder, Team team, long[] from, List<String> missing) {
        for (int p = 0; p < world.log().partitions(); p++) {
            List<Message> records = world.log().records(p);
            for (int i = (int) from[p]; i < records.size(); i++) {
                Message message = records.get(i);
                Spot spot = new Spot(p, i);
                boolean matches = message.topic().value().startsWith("t/");
                boolean lost = message.qos() == 2 && team.lostTo.length > 0 && i < team.lostTo[p];
                if (message.qos() > 0 && worth(holder, message) && matches && !lost && !team.heard.contains(spot)) {
                    missing.add("the group %s wants %s".formatted(holder.name(), spot));
                }
            }
        }
    }

    private boolean worth(Holder holder, Message message) {
        DeviceId device = message.device();
        return message.tenant().equals(holder.tenant())
                && message.properties().expirySeconds() < 0
                && (device == null || world.devices().exists(message.tenant(), device));
    }

    private static boolean wants(Life life, Message message, Spot spot) {
        return life.interests.values().stream()
                .anyMatch(interest -> interest.sure
                        && interest.lowestQos > 0
                        && !interest.subscription.shared()
                        && spot.position() >= interest.from[spot.partition()]
                        && interest.subscription.filter().matches(message.topic()));
    }

    private void judgePublishes() {
        Map<Long, Integer> counts = new HashMap<>();
        for (int p = 0; p < world.log().partitions(); p++) {
            for (Message message : world.log().records(p)) {
                counts.merge(Said.number(message), 1, Integer::sum);
            }
        }
        said.forEach((number, one) -> {
            int count = counts.getOrDefault(number, 0);
            if (one.qos() == 2 && count > 1) {
                throw broken("%s of QoS 2 is in the log %d times", one, count);
            }
            if (acknowledged.containsKey(number) && count == 0) {
                throw broken("%s was acknowledged and is not in the log", one);
            }
        });
        wills.forEach((number, word) -> {
            int count = counts.getOrDefault(number, 0);
            if (count > 1) {
                throw broken("the will %d of %s was published %d times", number, word.line.client(), count);
            }
            if (word.owed && count == 0 && !word.over && !word.either && !word.takenBack) {
                throw broken("the will %d of %s was never published", number, word.line.client());
            }
        });
    }

    /// Something was erased of which the journal may have copies before `end`.
    void forgets(long end) {
        forgetTo = Math.max(forgetTo, end);
    }

    /// @param start of what is left of the journal
    void judgeForgotten(long start) {
        if (start < forgetTo) {
            throw broken("the journal has all from %d on, and ought to have nothing before %d", start, forgetTo);
        }
    }

    /// What a client that has just come is shown must be the last retained message of each topic.
    void judgeRetained(TenantId tenant, Map<String, Long> shown) {
        Map<String, Message> newest = new HashMap<>();
        for (int p = 0; p < world.log().partitions(); p++) {
            for (Message message : world.log().records(p)) {
                if (message.retain() && message.tenant().equals(tenant)) {
                    newest.merge(
                            message.topic().value(),
                            message,
                            (one, other) -> one.receivedMicros() > other.receivedMicros() ? one : other);
                }
            }
        }
        Map<String, Long> last = new HashMap<>();
        newest.forEach((topic, message) -> {
            if (!worth(new Holder(tenant, ""), message)) {
                shown.remove(topic); // it may have expired
            } else if (message.payload().length > 0) {
                last.put(topic, Said.number(message));
            }
        });
        if (!last.equals(shown)) {
            throw broken("retained is %s and ought to be %s", shown, last);
        }
    }
}
