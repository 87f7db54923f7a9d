package tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import tributary.model.Disk;
import tributary.model.DiskFile;

class SimulatedDiskTest {
    private SimulatedDisk disk = new SimulatedDisk(new SplittableRandom(42));

    private static byte[] bytes(int size, int value) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private DiskFile file(int size, int value) throws IOException {
        DiskFile file = disk.create("file");
        file.write(ByteBuffer.wrap(bytes(size, value)), 0);
        return file;
    }

    private byte[] content() throws IOException {
        try (DiskFile file = disk.open("file")) {
            ByteBuffer into = ByteBuffer.allocate((int) file.size());
            file.read(into, 0);
            return into.array();
        }
    }

    @Test
    void whatWasForcedSurvivesAPowerCut() throws IOException {
        file(2000, 7).force();
        disk.forceFolder("");

        disk.cutPower();

        assertThat(content()).isEqualTo(bytes(2000, 7));
    }

    @Test
    void aKillKeepsWhatWasWritten() throws IOException {
        file(2000, 7);

        disk.kill();

        assertThat(content()).isEqualTo(bytes(2000, 7));
    }

    @Test
    void sectorsThatWereNotForcedAreKeptTornOrLost() throws IOException {
        Set<String> fates = new HashSet<>();
        for (int seed = 0; seed < 50; seed++) {
            disk = new SimulatedDisk(new SplittableRandom(seed));
            DiskFile file = file(512, 1);
            file.force();
            disk.forceFolder("");
            file.write(ByteBuffer.wrap(bytes(512, 2)), 0);
            disk.cutPower();
            byte[] left = content();
            fates.add(left[511] == 2 ? "kept" : left[0] == 1 ? "lost" : "torn");
        }

        assertThat(fates).containsExactlyInAnyOrder("kept", "lost", "torn");
    }

    @Test
    void aFlushAfterAFailedOneLies() throws IOException {
        DiskFile file = file(512 * 20, 1);
        file.force();
        disk.forceFolder("");
        file.write(ByteBuffer.wrap(bytes(512 * 20, 2)), 0);
        disk.failForces(1);

        assertThatThrownBy(file::force).hasMessageContaining("flush");
        file.force();
        assertThat(content()).isEqualTo(bytes(512 * 20, 2));
        disk.cutPower();

        assertThat(content()).contains(1);
    }

    @Test
    void aNameThatWasNotForcedMayVanish() throws IOException {
        boolean gone = false;
        for (int seed = 0; seed < 20; seed++) {
            disk = new SimulatedDisk(new SplittableRandom(seed));
            file(10, 1).force();
            disk.cutPower();
            gone |= disk.list("").isEmpty();
        }

        assertThat(gone).isTrue();
    }

    @Test
    void aFullDiskTakesWhatStillFits() throws IOException {
        disk.capacity(1000);

        assertThatThrownBy(() -> file(2000, 1)).isInstanceOf(Disk.Full.class);

        assertThat(disk.sizeOf("file")).isEqualTo(1000);
    }

    @Test
    void aDeadProcessDoesNothingMore() throws IOException {
        DiskFile file = file(10, 1);
        disk.dieAfter(1);

        assertThatThrownBy(() -> file.write(ByteBuffer.wrap(bytes(10, 2)), 0)).isInstanceOf(ProcessDied.class);
        assertThatThrownBy(file::force).isInstanceOf(ProcessDied.class);
        disk.kill();
        assertThatThrownBy(file::force).isInstanceOf(ProcessDied.class);
        assertThat(disk.list("")).containsExactly("file");
    }
}
