package tributary.app.server;

import java.nio.file.Path;
import tributary.api.ApiSettings;
import tributary.broker.BrokerSettings;
import tributary.engine.EngineSettings;
import tributary.gateway.AttemptSettings;
import tributary.gateway.IntakeSettings;
import tributary.gateway.http.HttpSettings;
import tributary.gateway.mqtt.MqttSettings;
import tributary.gateway.tls.TlsSettings;
import tributary.gateway.ws.WsSettings;
import tributary.lake.LakeSettings;
import tributary.log.LogSettings;
import tributary.model.Settings;
import tributary.query.QuerySettings;
import tributary.registry.RegistrySettings;
import tributary.sinks.SinkSettings;

/// Everything that can be set, one record a feature.
///
/// @param data          the folder that holds everything
/// @param mqttPortFixed whether somebody asked for exactly this MQTT port
/// @param httpPortFixed the same for HTTP
/// @param tlsPortsFixed the same for both with TLS
public record ServerSettings(
        Path data,
        WebSettings http,
        MqttSettings mqtt,
        boolean httpPortFixed,
        boolean mqttPortFixed,
        TlsPortsFixed tlsPortsFixed,
        TlsSettings tls,
        IntakeSettings intake,
        AttemptSettings attempts,
        HttpSettings httpDoor,
        WsSettings webSocket,
        ApiSettings api,
        RegistrySettings registry,
        LogSettings log,
        BrokerSettings broker,
        LakeSettings lake,
        QuerySettings query,
        EngineSettings rules,
        SinkSettings sinks) {
    /// Whether somebody asked for exactly these ports.
    record TlsPortsFixed(boolean mqtt, boolean http) {}

    /// Reads every key there is; mistakes are collected in `settings`.
    static ServerSettings read(Settings settings) {
        ApiSettings api = ApiSettings.read(settings);
        LakeSettings lake = LakeSettings.read(settings);
        if (lake.keepSnapshots().compareTo(api.queryTimeoutMax()) <= 0) {
            settings.problem(
                    ("lake.keep-snapshots must be longer than api.query-timeout-max, %d s, because replaced files"
                                    + " must outlive the longest query, was %d s")
                            .formatted(
                                    api.queryTimeoutMax().toSeconds(),
                                    lake.keepSnapshots().toSeconds()));
        }
        return new ServerSettings(
                settings.path("data", Path.of("tributary-data")),
                WebSettings.read(settings),
                MqttSettings.read(settings),
                settings.given("http.port"),
                settings.given("mqtt.port"),
                new TlsPortsFixed(settings.given("mqtt.tls-port"), settings.given("http.tls-port")),
                TlsSettings.read(settings),
                IntakeSettings.read(settings),
                AttemptSettings.read(settings),
                HttpSettings.read(settings),
                WsSettings.read(settings),
                api,
                RegistrySettings.read(settings),
                LogSettings.read(settings),
                BrokerSettings.read(settings),
                lake,
                QuerySettings.read(settings),
                EngineSettings.read(settings),
                SinkSettings.read(settings));
    }
}
