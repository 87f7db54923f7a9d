package tributary.gateway;

import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// So many messages a second for each holder, with one second's worth of burst; [Turns] for those who want more.
final class RateLimit {
    /// Holders remembered at once; full allowances are forgotten beyond it, because a fresh one says the same.
    private static final int HOLDERS_MAX = 100_000;

    /// Holders looked at for one that is new, so that there can be fewer again and nobody pays for all.
    private static final int LOOKED_AT = 2;

    private final int perSecond;
    private final ConcurrentHashMap<Object, Turns> holders = new ConcurrentHashMap<>();

    /// The holders, in the order in which they are looked at.
    private final Queue<Object> round = new ConcurrentLinkedQueue<>();

    /// @param perSecond messages a second, at least 1
    RateLimit(int perSecond) {
        this.perSecond = perSecond;
    }

    /// Takes one message from the allowance.
    ///
    /// @return whether it was there and nobody waits for it; else `who` has to ask [#turn]
    boolean take(Object holder, long nowMicros) {
        return of(holder, nowMicros).take(nowMicros * 1000);
    }

    /// Takes one message in turn with others who want one of the same holder.
    ///
    /// @param who the same for all that comes one behind the other
    /// @return 0 where it was their turn, else microseconds until it is
    long turn(Object holder, Object who, long nowMicros) {
        while (true) {
            Turns turns = of(holder, nowMicros);
            long waitNanos = turns.take(who, nowMicros * 1000);
            if (waitNanos >= 0) {
                return Math.ceilDiv(waitNanos, 1000L);
            }
            holders.remove(holder, turns);
        }
    }

    /// Keeps for `who` what was taken for a message that another limit refused.
    ///
    /// @param againMicros when the message may come again
    void keep(Object holder, Object who, long againMicros) {
        Turns turns = holders.get(holder);
        if (turns != null) {
            turns.keep(who, againMicros * 1000);
        }
    }

    private Turns of(Object holder, long nowMicros) {
        Turns known = holders.get(holder);
        if (known != null) {
            return known;
        }
        Turns made = new Turns(perSecond);
        Turns other = holders.putIfAbsent(holder, made);
        if (other != null) {
            return other;
        }
        round.add(holder);
        if (holders.mappingCount() > HOLDERS_MAX) {
            forgetSome(nowMicros * 1000);
        }
        return made;
    }

    private void forgetSome(long nowNanos) {
        for (int i = 0; i < LOOKED_AT; i++) {
            Object holder = round.poll();
            Turns turns = holder == null ? null : holders.get(holder);
            if (turns != null && turns.forget(nowNanos)) {
                holders.remove(holder, turns);
            } else if (turns != null) {
                round.add(holder);
            }
        }
    }

    /// @return how many holders are remembered
    long size() {
        return holders.mappingCount();
    }
}
