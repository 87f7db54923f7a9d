package tributary.sinks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tributary.model.TenantId;
import tributary.registry.DeadLetters.DeadLetter;
import tributary.registry.SinkDefinitions.SinkDefinition;
import tributary.testkit.SimulatedClock;

/// What becomes of parcels, step by step and without threads.
class DeliveryTest {
    private static final Instant START = Instant.parse("2026-11-27T19:00:00Z");
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    Path folder;

    private final SimulatedClock clock = new SimulatedClock(START);
    private final MemoryParcels parcels = new MemoryParcels();
    private final MemoryLetters letters = new MemoryLetters();
    private final ScriptedSink sink = new ScriptedSink();
    private Delivery delivery;

    private void open(Pace pace) {
        try {
            if (delivery != null) {
                delivery.close();
            }
            delivery = new Delivery(
                    new SinkDefinition(TenantId.MAIN, "hook", "id", "webhook", "{}", START),
                    sink,
                    pace,
                    PositionFile.open(folder.resolve("position")),
                    new Delivery.World(parcels, letters, clock, new SplittableRandom(1)));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterEach
    void close() {
        delivery.close();
    }

    private static Pace batches(int count) {
        return new Pace(count, 1 << 20, SECOND, SECOND, Duration.ofSeconds(60), 3, Pace.WAITING_MAX);
    }

    private void say(int from, int to) {
        IntStream.range(from, to).forEach(n -> parcels.add(TenantId.MAIN, "hook", "d" + n % 3, "" + n));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private Duration step() {
        try {
            return delivery.step(Duration.ZERO);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void steps(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    private void wait(Duration time) {
        clock.advance(time);
    }

    @Test
    void parcelsOfTheSinkArriveInOrderAndNoOthers() {
        parcels.add(TenantId.MAIN, "another", "d", "no");
        say(0, 5);
        parcels.add(new TenantId("other"), "hook", "d", "no");
        open(Pace.SINGLE);

        steps(8);

        assertThat(sink.payloads()).isEqualTo(numbers(0, 5));
        assertThat(delivery.status().delivered()).isEqualTo(5);
        assertThat(delivery.status().behind()).isLessThanOrEqualTo(3);
    }

    @Test
    void batchGoesWhenItIsFullOrWhenItsTimeIsOver() {
        open(batches(4));
        say(0, 6);

        steps(5);
        assertThat(sink.batches).containsExactly(4);
        wait(Duration.ofMillis(999));
        steps(2);
        assertThat(sink.batches).containsExactly(4);
        wait(Duration.ofMillis(1));
        step();

        assertThat(sink.batches).containsExactly(4, 2);
        assertThat(sink.payloads()).isEqualTo(numbers(0, 6));
    }

    @Test
    void batchIsHeldToItsBytes() {
        open(new Pace(100, 1024, Duration.ZERO, SECOND, SECOND, 3, Pace.WAITING_MAX));
        for (int i = 0; i < 4; i++) {
            parcels.add(TenantId.MAIN, "hook", "d", "x".repeat(600));
        }

        steps(6);

        assertThat(sink.batches).containsExactly(1, 1, 1, 1);
    }

    @Test
    void receiverThatIsAwayIsTriedEverLaterAndNothingIsPutAside() {
        open(Pace.SINGLE);
        say(0, 3);
        long pauseBefore = 0;
        for (int i = 0; i < 12; i++) {
            sink.then(Outcome.away("connection refused"));
        }
        for (int i = 0; i < 12; i++) {
            step();
            Duration pause = step();
            assertThat(pause).isPositive().isLessThanOrEqualTo(Duration.ofMinutes(5));
            assertThat(pause.toMillis()).isGreaterThanOrEqualTo(Math.min(500L << i, 150_000L));
            pauseBefore = pause.toMillis();
            wait(pause);
        }
        assertThat(pauseBefore).isGreaterThan(100_000);
        assertThat(delivery.status().state()).isEqualTo(SinkStatus.State.RETRYING);
        assertThat(delivery.status().retryingSince()).isEqualTo(START);
        assertThat(delivery.status().lastError()).isEqualTo("connection refused");

        steps(5);

        assertThat(sink.payloads()).isEqualTo(numbers(0, 3));
        assertThat(letters.all).isEmpty();
        assertThat(delivery.status().state()).isEqualTo(SinkStatus.State.RUNNING);
        assertThat(delivery.status().retryingSince()).isNull();
        assertThat(delivery.status().failures()).isEqualTo(12);
    }

    @Test
    void receiverMayAskToBeLeftAloneButNotForEver() {
        open(Pace.SINGLE);
        say(0, 1);
        sink.then(new Outcome.Away(0, "429", Duration.ofSeconds(90)));
        sink.then(new Outcome.Away(0, "429", Duration.ofDays(900)));

        step();
        assertThat(step()).isEqualTo(Duration.ofSeconds(90));
        wait(Duration.ofSeconds(90));
        step();
        assertThat(step()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void whatIsRefusedForGoodIsPutAsideAndTheOthersGoOn() {
        open(Pace.SINGLE);
        say(0, 3);
        sink.poison.add("1");

        steps(6);

        assertThat(sink.payloads()).containsExactly("0", "2");
        assertThat(letters.all.values()).singleElement().satisfies(letter -> {
            assertThat(letter.reason()).contains("poison");
            assertThat(letter.attempts()).isEqualTo(1);
        });
        assertThat(delivery.status().putAside()).isEqualTo(1);
    }

    @Test
    void errorThatMayPassIsTriedAsOftenAsSetAndThenPutAside() {
        open(batches(1));
        say(0, 2);
        for (int i = 0; i < 3; i++) {
            sink.then(new Outcome.Failed(0, "500"));
        }

        for (int i = 0; i < 6; i++) {
            step();
            wait(Duration.ofMinutes(1));
        }

        assertThat(letters.all.values())
                .singleElement()
                .extracting(letter -> letter.attempts())
                .isEqualTo(3);
        assertThat(sink.payloads()).containsExactly("1");
    }

    @Test
    void batchThatIsRefusedIsTakenApartSoThatOnlyTheOneToBlameIsPutAside() {
        open(batches(5));
        say(0, 7);
        sink.poison.add("2");

        for (int i = 0; i < 12; i++) {
            step();
            wait(SECOND);
        }

        assertThat(sink.payloads()).containsExactly("0", "1", "3", "4", "5", "6");
        assertThat(letters.all).hasSize(1);
        assertThat(sink.batches).startsWith(5, 1, 1, 1, 1, 1);
    }

    @Test
    void whatArrivedOfABatchIsNotSentAgain() {
        open(batches(4));
        say(0, 4);
        sink.then(new Outcome.Away(3, "connection lost", Duration.ZERO));

        step();
        wait(Duration.ofMinutes(1));
        step();

        assertThat(sink.payloads()).isEqualTo(numbers(0, 4));
        assertThat(sink.batches).containsExactly(4, 1);
    }

    @Test
    void fullDeadLetterQueueStopsTheSinkUntilThereIsRoom() {
        open(Pace.SINGLE);
        letters.most = 1;
        say(0, 3);
        sink.poison.add("0");
        sink.poison.add("1");

        steps(4);
        assertThat(delivery.status().state()).isEqualTo(SinkStatus.State.BLOCKED);
        assertThat(delivery.status().lastError()).contains("no room for another dead letter");
        assertThat(sink.payloads()).isEmpty();

        letters.removeAll("id");
        wait(Duration.ofSeconds(10));
        steps(3);

        assertThat(letters.all).hasSize(1);
        assertThat(sink.payloads()).containsExactly("2");
        assertThat(delivery.status().state()).isEqualTo(SinkStatus.State.RUNNING);
    }

    @Test
    void deadLetterIsDeliveredAgainWhenAskedFor() {
        open(Pace.SINGLE);
        say(0, 1);
        sink.poison.add("0");
        steps(2);
        long position = letters.all.firstKey();

        delivery.again(position);
        step();
        assertThat(letters.all.get(position).attempts()).as("it failed again").isEqualTo(2);
        sink.poison.clear();
        delivery.again(position);
        delivery.again(position);
        steps(3);

        assertThat(letters.all).isEmpty();
        assertThat(sink.payloads()).containsExactly("0");
    }

    @Test
    void letterThatIsEditedOrDroppedWhileItIsDeliveredAgainStaysEditedOrGone() {
        open(Pace.SINGLE);
        say(0, 3);
        numbers(0, 3).forEach(sink.poison::add);
        steps(4);
        List<DeadLetter> three = List.copyOf(letters.all.values());
        Outcome.Refused refused = new Outcome.Refused(0, "400");

        sink.script.add(_ -> {
            letters.edit(three.get(0), "edited");
            return refused;
        });
        sink.script.add(_ -> {
            letters.edit(three.get(1), "edited");
            return Outcome.DONE;
        });
        sink.script.add(_ -> {
            letters.remove("", three.get(2).position());
            return refused;
        });
        three.forEach(letter -> delivery.again(letter.position()));
        steps(3);

        assertThat(letters.all.values()).extracting(DeadLetter::parcel).containsExactly("edited", "edited");
        assertThat(letters.all.values()).extracting(DeadLetter::attempts).containsExactly(2, 1);
    }

    @Test
    void deadLettersStayWhereTheReceiverIsAwayAndItIsNotStormed() {
        open(Pace.SINGLE);
        say(0, 5);
        numbers(0, 5).forEach(sink.poison::add);
        steps(6);
        sink.batches.clear();
        sink.then(Outcome.away("refused"));

        letters.all.keySet().forEach(delivery::again);
        steps(10);

        assertThat(sink.batches).hasSize(1);
        assertThat(letters.all).hasSize(5);
    }

    @Test
    void sinkGoesOnWhereItWasAndRepeatsOnlyWhatItHadNotNoted() {
        open(Pace.SINGLE);
        say(0, 3);
        steps(4);
        say(3, 5);

        open(Pace.SINGLE);
        steps(4);

        assertThat(sink.payloads()).isEqualTo(numbers(0, 5));
    }

    @Test
    void sinkThatLostWhatItHeldIsGivenItAgain() {
        open(batches(2));
        say(0, 4);
        step();
        sink.then(new Outcome.Lost("the disk is full"));
        step();
        wait(Duration.ofMinutes(1));
        steps(3);

        assertThat(sink.payloads()).isEqualTo(numbers(0, 4));
    }

    @Test
    void unforeseenFailureOfAnAdapterIsAnErrorOfTheParcelAndNotOfTheServer() {
        open(batches(1));
        say(0, 2);
        for (int i = 0; i < 3; i++) {
            sink.script.add(_ -> {
                throw new IllegalStateException("canary");
            });
        }

        for (int i = 0; i < 6; i++) {
            step();
            wait(Duration.ofMinutes(1));
        }

        assertThat(sink.payloads()).containsExactly("1");
        assertThat(letters.all).hasSize(1);
    }

    @Test
    void whatIsSafeIsForcedToTheDiskWithinASecond() {
        open(Pace.SINGLE);
        say(0, 1);
        steps(2);
        wait(SECOND);
        step();

        assertThat(delivery.safe()).isEqualTo(4);
    }
}
