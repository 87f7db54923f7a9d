package tributary.sinks;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.registry.DeadLetters;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.SinkDefinitions.SinkDefinition;

/// Looks for one output among those that wait for a sink and among its dead letters. Changes nothing.
record FateSearch(SinkDefinition sink, Parcels parcels, DeadLetters letters) {
    private static final int LOOKED_MAX = 50_000;
    private static final int PAGE = 1_000;
    private static final long PAGE_BYTES = 4 << 20;

    /// What waits first: meanwhile it may become a dead letter, and the other way round only where somebody asks.
    Fate of(Fate.Wanted wanted, Running delivery) {
        SinkStatus status = delivery.status();
        Fate waits = waiting(wanted, delivery.reached(), status.lastError());
        if (waits != null) {
            return waits;
        }
        Fate dead = dead(wanted);
        return dead == null ? new Fate.Through(status.lost(), status.lostAt()) : dead;
    }

    private @Nullable Fate waiting(Fate.Wanted wanted, long from, String trouble) {
        int looked = 0;
        long end = parcels.end();
        long at = from;
        try (Parcels.Reader reader = parcels.reader(sink.tenant(), sink.name(), from)) {
            while (looked < LOOKED_MAX) {
                Parcels.Page page = reader.next(Duration.ZERO, PAGE, PAGE_BYTES);
                looked += page.parcels().size();
                for (Parcel parcel : page.parcels()) {
                    if (is(parcel, wanted)) {
                        return new Fate.Waiting(parcel.position(), trouble);
                    }
                }
                if (page.next() >= end || page.next() <= at) {
                    return null;
                }
                at = page.next();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return new Fate.Unknown(looked);
    }

    private @Nullable Fate dead(Fate.Wanted wanted) {
        List<DeadLetter> page = letters.page(sink.id(), Long.MIN_VALUE, PAGE);
        while (!page.isEmpty()) {
            for (DeadLetter letter : page) {
                Parcel parcel = ParcelText.parcel(sink, letter).orElse(null);
                if (parcel != null && isOf(parcel, wanted)) {
                    return new Fate.Dead(letter.position(), letter.reason(), letter.attempts(), letter.at());
                }
            }
            page = letters.page(sink.id(), page.getLast().position(), PAGE);
        }
        return null;
    }

    /// A dead letter may have been given another payload.
    private static boolean isOf(Parcel parcel, Fate.Wanted wanted) {
        return parcel.rule().equals(wanted.rule())
                && parcel.device().equals(wanted.device())
                && parcel.atMillis() == wanted.atMillis();
    }

    private static boolean is(Parcel parcel, Fate.Wanted wanted) {
        return isOf(parcel, wanted) && parcel.payload().startsWith(wanted.payload());
    }
}
