package tributary.broker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import tributary.log.LogReader;
import tributary.model.Message;

/// Writes from time to time into the journal how everything stands, so that after a crash little of the log has
/// to be read again, and now and then all of it anew, so that the journal stays short. On the broker's thread.
final class Notes {
    private static final long NANOS = 5_000_000_000L;
    private static final long RECORDS = 250_000;

    /// What the journal could not take is tried again after this.
    private static final long RETRY_NANOS = 1_000_000_000L;

    /// The journal is written anew when it has grown to so many records, and to several times what it was then.
    private static final long JOURNAL_BYTES_MIN = 32 << 20;

    private final Commons commons;
    private final Directory directory;
    private final LogReader messages;
    private final LogReader changes;

    /// Noted and durable, to be committed by the broker's thread.
    private final AtomicReference<@Nullable Committable> durable = new AtomicReference<>();

    /// How much is noted.
    enum Extent {
        /// What the journal does not have.
        CHANGED,
        /// Everything, so that what the journal had before is needed no more.
        WHOLE,
        /// Everything, because changes were dropped.
        ANEW
    }

    /// Up to here the journal's files are to be gone.
    private final AtomicLong forgetTo = new AtomicLong();

    private boolean open;
    private @Nullable Round round;
    private long notedAt;
    private long retriedAt;
    private long[] notedTo;
    private long wholeBytes;

    /// @param messages from where the log of messages has to be read after a crash
    /// @param changes  from where the journal has to be, or -1 where that stays as it is
    private record Committable(long[] messages, long changes) {}

    /// @param messages named reader of the log of messages, to commit with
    /// @param changes  named reader of the journal, to commit with
    Notes(Commons commons, Directory directory, LogReader messages, LogReader changes) {
        this.commons = commons;
        this.directory = directory;
        this.messages = messages;
        this.changes = changes;
        this.notedTo = new long[commons.log().partitions()];
    }

    /// Notes what has to be noted, where it is time, or goes on with that.
    void turn(long nanos, long[] readTo) {
        if (nanos - retriedAt >= RETRY_NANOS) {
            retriedAt = nanos;
            commons.journal().retry();
        }
        commit();
        if (open) {
            goOn(readTo);
            return;
        }
        long read = 0;
        for (int p = 0; p < readTo.length; p++) {
            read += readTo[p] - notedTo[p];
        }
        boolean gap = commons.journal().isBroken();
        boolean due = read > 0 && nanos - notedAt >= NANOS || read >= RECORDS;
        boolean tooLong = commons.journal().log().stats().bytes() > Math.max(JOURNAL_BYTES_MIN, 4 * wholeBytes);
        // again after a while where a change was on its way just then, and came into the file from before
        boolean forgetting = !isForgotten(forgetTo.get());
        if (due || gap || (tooLong || forgetting) && nanos - notedAt >= NANOS) {
            if (forgetting) {
                commons.journal().log().beginSegments();
            }
            note(nanos, readTo, gap ? Extent.ANEW : tooLong || forgetting ? Extent.WHOLE : Extent.CHANGED);
        }
    }

    /// Has the journal be written anew, and the files go that it has until now. Any thread.
    ///
    /// @return what [#isForgotten] takes
    long forget() {
        long end = commons.journal().log().end(0);
        if (commons.has(Flaw.FORGET_UNNOTED)) {
            changes.commit(0, end);
        }
        if (open && commons.has(Flaw.FORGET_ONCE)) {
            return end;
        }
        forgetTo.accumulateAndGet(end, Math::max);
        return end;
    }

    /// @return whether nothing is left of what was in the journal when [#forget] gave `end`
    boolean isForgotten(long end) {
        return commons.journal().log().start(0) >= end;
    }

    /// Begins after a start. The process before may have been asked to forget what its journal had, and died.
    void begin(long nanos, long[] readTo) {
        long _ = forget();
        commons.journal().log().beginSegments();
        note(nanos, readTo, Extent.WHOLE);
    }

    /// Begins to note how everything stands; [#turn] goes on where the journal has no room for all of it.
    void note(long nanos, long[] readTo, Extent extent) {
        open = true;
        notedAt = nanos;
        notedTo = readTo.clone();
        round = new Round(notedTo, extent);
        goOn(readTo);
    }

    private void goOn(long[] readTo) {
        Round now = round;
        if (now != null && now.goOn(readTo)) {
            round = null;
        }
    }

    /// One look at everything. Sessions and groups that come meanwhile are in the journal with all that becomes
    /// of them.
    private final class Round {
        private final long[] from;
        private final long[] takenTo;
        private final Extent extent;

        /// Where the journal begins anew with this round, or -1 where it does not.
        private final long begin;

        private final Iterator<Group> first;
        private final Iterator<Session> sessions;
        private final Iterator<Group> groups;
        private final Iterator<RetainedStore.Kept> kept;
        private final Iterator<Change> erasures;

        /// @param from up to where the log was searched when the round began: what came later is searched for again
        Round(long[] from, Extent extent) {
            this.from = from;
            this.takenTo = from.clone();
            this.extent = extent;
            boolean anew = extent == Extent.ANEW;
            begin = extent == Extent.CHANGED || commons.has(Flaw.LEAVE_GAP)
                    ? -1
                    : commons.journal().log().end(0);
            List<Session> all = new ArrayList<>(directory.sessions());
            all.addAll(directory.parting());
            List<Group> shared = List.copyOf(directory.groups());
            List<RetainedStore.Kept> retained = new ArrayList<>();
            List<Change> erased = new ArrayList<>(0);
            if (begin >= 0) {
                commons.standing().erased().forget(commons.log()::start).forEach(commons.retained()::forget);
                commons.retained().each(retained::add);
                commons.standing().erased().each(erased::add);
            }
            if (anew) {
                commons.journal()
                        .mend(
                                commons.has(Flaw.FOLLOW_GAP)
                                        ? List.of()
                                        : all.stream().map(Session::number).toList());
            }
            first = anew ? shared.iterator() : Collections.emptyIterator();
            sessions = all.iterator();
            groups = shared.iterator();
            kept = retained.iterator();
            erasures = erased.iterator();
        }

        /// @param readTo up to where the log was searched now
        /// @return whether everything is noted
        boolean goOn(long[] readTo) {
            Journal journal = commons.journal();
            boolean whole = begin >= 0;
            while (journal.hasRoom()) {
                if (first.hasNext()) {
                    first.next().note(readTo, Extent.ANEW);
                } else if (sessions.hasNext()) {
                    sessions.next().chronicle().note(readTo, takenTo, whole);
                } else if (groups.hasNext()) {
                    groups.next().note(readTo, whole ? Extent.WHOLE : Extent.CHANGED);
                } else if (kept.hasNext()) {
                    RetainedStore.Kept next = kept.next();
                    if (commons.retained().has(next)) { // else what came in its place is noted already
                        journal.note(change(next));
                    }
                } else if (erasures.hasNext()) {
                    journal.note(erasures.next());
                } else {
                    close(journal);
                    return true;
                }
            }
            return false;
        }

        private void close(Journal journal) {
            if (commons.has(Flaw.COMMIT_BEFORE_DURABLE)) {
                durable.set(new Committable(takenTo, begin));
            }
            journal.note(new Change.Progress(from, takenTo), (fault, _) -> {
                if (fault == null) {
                    durable.set(new Committable(takenTo, begin));
                } else {
                    durable.set(new Committable(new long[0], -1));
                }
            });
        }
    }

    static Change.Kept change(RetainedStore.Kept kept) {
        Message message = kept.message();
        return new Change.Kept(message, kept.partition(), kept.position());
    }

    private void commit() {
        Committable to = durable.getAndSet(null);
        if (to == null) {
            return;
        }
        open = false;
        if (to.messages().length == 0) {
            return; // the journal could not take it; the gap is noted there
        }
        if (to.changes() >= 0) {
            changes.commit(0, to.changes());
            wholeBytes = commons.journal().log().stats().bytes();
        }
        for (int p = 0; p < to.messages().length; p++) {
            messages.commit(p, to.messages()[p]);
        }
        directory.sessions().forEach(session -> session.inflow().forget(to.messages()));
    }

    /// Goes on where the broker's thread has ended.
    ///
    /// @return whether what was noted last is committed
    boolean settled(long[] readTo) {
        commit();
        goOn(readTo);
        return !open;
    }

    @Override
    public String toString() {
        return "Notes[to %s]".formatted(Arrays.toString(notedTo));
    }
}
