package tributary.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.influxdb.LogLevel;
import com.influxdb.client.InfluxDBClient;
import com.influxdb.client.InfluxDBClientFactory;
import com.influxdb.client.WriteApi;
import com.influxdb.client.WriteOptions;
import com.influxdb.client.domain.WritePrecision;
import com.influxdb.client.write.Point;
import com.influxdb.exceptions.BadRequestException;
import com.influxdb.exceptions.UnauthorizedException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// InfluxDB's own client writes to us as it writes to InfluxDB: the same address, token, coding and errors.
class InfluxClientTest {
    private static final Instant NOON = Instant.parse("2026-06-01T12:00:00Z");

    private final Street street = new Street();
    private final String gateway = street.keys.device("acme", "gw");

    @AfterEach
    void close() {
        street.close();
    }

    private InfluxDBClient client(String token) {
        return InfluxDBClientFactory.create(
                        "http://127.0.0.1:" + street.port(), token.toCharArray(), "any-org", "any-bucket")
                .setLogLevel(LogLevel.NONE);
    }

    private static Point point(String host, double celsius) {
        return Point.measurement("room").addTag("host", host).addField("celsius", celsius);
    }

    @Test
    void pointsComeWithTheirTimesAtEveryPrecisionPlainAndCompressed() {
        try (InfluxDBClient client = client(gateway)) {
            for (WritePrecision precision : WritePrecision.values()) {
                client.getWriteApiBlocking().writePoint(point("pump", 20).time(NOON, precision));
            }
            client.enableGzip()
                    .getWriteApiBlocking()
                    .writePoints(List.of(
                            point("pump", 21).time(NOON, WritePrecision.MS),
                            Point.measurement("door")
                                    .addField("open", true)
                                    .addField("times", 7L)
                                    .addField("by", "night \"watch\"")
                                    .time(NOON, WritePrecision.MS)));
        }

        assertThat(street.readings())
                .hasSize(WritePrecision.values().length + 4)
                .contains("pump room.celsius=20.0", "pump room.celsius=21.0", "gw door.times=7.0");
        assertThat(street.times()).containsOnly(NOON);
    }

    @Test
    void batchesOfTheBackgroundWriterAreAllThereWhenItIsClosed() {
        try (InfluxDBClient client = client(gateway);
                WriteApi writer =
                        client.makeWriteApi(WriteOptions.builder().batchSize(50).build())) {
            for (int i = 0; i < 230; i++) {
                writer.writePoint(point("pump", i).time(NOON.plusSeconds(i), WritePrecision.S));
            }
        }

        assertThat(street.readings()).hasSize(230).contains("pump room.celsius=0.0", "pump room.celsius=229.0");
    }

    @Test
    void whatIsWrongReachesWhoeverWrites() {
        try (InfluxDBClient client = client(gateway)) {
            assertThatThrownBy(() -> client.getWriteApiBlocking()
                            .writeRecord(WritePrecision.S, "room,host=pump celsius=1\nroom,host=pump celsius="))
                    .isInstanceOf(BadRequestException.class)
                    .hasMessageContaining("line 2: the field 'celsius' has no value");
        }
        try (InfluxDBClient stranger = client("made-up")) {
            assertThatThrownBy(() -> stranger.getWriteApiBlocking().writePoint(point("pump", 1)))
                    .isInstanceOf(UnauthorizedException.class);
        }
        assertThat(street.readings())
                .containsExactly("pump room.celsius=1.0", "pump rejected 1: the field 'celsius' has no value");
    }
}
