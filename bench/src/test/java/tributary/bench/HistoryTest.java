package tributary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tributary.simulator.MqttWire;

class HistoryTest {
    private static final History ALL = new History("d-", 40, 1_790_000_000_000L, 1000, 100);
    private static final MqttDialect.Setup SETUP = new MqttDialect.Setup(MqttWire.Version.V311, 1, 64);

    @Test
    void valuesAlwaysHaveTheSameNumberOfDigits() {
        for (int device = 0; device < 2000; device++) {
            for (long step = 0; step < 40_000; step += 97) {
                for (int sensor = 0; sensor < History.SENSORS.size(); sensor++) {
                    assertThat(History.hundredths(device, sensor, step)).isBetween(10_000, 99_999);
                }
            }
        }
    }

    @Test
    void messagesSayWhatTheHistorySays() {
        HistoryMessages messages = new HistoryMessages(SETUP, ALL, 20, 3);
        for (int number = 0; number < 12; number++) {
            ByteBuf out = Unpooled.buffer();
            messages.encode(out, number, number + 1);
            String packet = out.toString(StandardCharsets.ISO_8859_1);
            int device = 20 + number % 3;
            int step = number / 3;

            assertThat(packet).contains("devices/" + ALL.device(device) + "/telemetry");
            JsonNode payload = new JsonMapper().readTree(packet.substring(packet.indexOf('{')));
            assertThat(payload.path("ts").asLong()).isEqualTo(ALL.millis(step));
            for (int sensor = 0; sensor < History.SENSORS.size(); sensor++) {
                assertThat(payload.path(History.SENSORS.get(sensor)).asDouble())
                        .isEqualTo(History.hundredths(device, sensor, step) / 100.0);
            }
        }
    }

    @Test
    void theLongDeviceEndsWhereTheOthersBegin() {
        assertThat(ALL.dayBefore().endMillis()).isEqualTo(ALL.startMillis());
        assertThat(ALL.yearBefore().endMillis()).isEqualTo(ALL.dayBefore().startMillis());
        assertThat(ALL.yearBefore().device(0)).isEqualTo(ALL.dayBefore().device(0));
        assertThat(ALL.device(0)).isNotEqualTo(ALL.dayBefore().device(0));
    }
}
