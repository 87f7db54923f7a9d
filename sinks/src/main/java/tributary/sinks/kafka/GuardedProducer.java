package tributary.sinks.kafka;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.ApiVersions;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.HostResolver;
import org.apache.kafka.clients.KafkaClient;
import org.apache.kafka.clients.MetadataRecoveryStrategy;
import org.apache.kafka.clients.NetworkClient;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.internals.ProducerInterceptors;
import org.apache.kafka.clients.producer.internals.ProducerMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.internals.ClusterResourceListeners;
import org.apache.kafka.common.memory.MemoryPool;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import tributary.sinks.SinkTls;

/// Makes producers that look names up by a resolver of ours.
///
/// Brokers tell a client where the other brokers are, so it is not enough to judge the addresses that a definition
/// has: a stranger's broker could name an address of our own network. Kafka's client asks a [HostResolver] before
/// each connection, whoever named the host, but lets only its own tests say which. So the client is put together here,
/// by the constructor that those tests use.
final class GuardedProducer {
    private static final String PEM = "PEM";
    private static final int BLOCK_MILLIS = 5000;
    private static final int IN_FLIGHT = 5;
    private static final int REQUEST_MILLIS = 15_000;
    private static final long BUFFER_BYTES = 40L << 20;

    /// Brokers that are told which topics answer with far less.
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private GuardedProducer() {}

    static KafkaProducer<byte[], byte[]> open(KafkaType.Target target, String compression, HostResolver resolver) {
        ProducerConfig config = new ProducerConfig(settings(target, compression));
        LogContext log = new LogContext("[" + target.clientId() + "] ");
        ApiVersions versions = new ApiVersions();
        ProducerMetadata metadata = new ProducerMetadata(
                config.getLong(ProducerConfig.RETRY_BACKOFF_MS_CONFIG),
                config.getLong(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG),
                config.getLong(ProducerConfig.METADATA_MAX_AGE_CONFIG),
                config.getLong(ProducerConfig.METADATA_MAX_IDLE_CONFIG),
                log,
                new ClusterResourceListeners(),
                Time.SYSTEM);
        List<InetSocketAddress> first = target.brokers().stream()
                .map(broker -> InetSocketAddress.createUnresolved(broker.host(), broker.port()))
                .toList();
        metadata.bootstrap(first);
        KafkaClient client = client(config, target.clientId(), metadata, versions, resolver, log);
        return open(config, metadata, client, versions);
    }

    /// As Kafka's own factory does it, with a limit to what an answer may be.
    private static KafkaClient client(
            ProducerConfig config,
            String id,
            ProducerMetadata metadata,
            ApiVersions versions,
            HostResolver resolver,
            LogContext log) {
        Selector selector = new Selector(
                ANSWER_BYTES_MAX,
                config.getLong(ProducerConfig.CONNECTIONS_MAX_IDLE_MS_CONFIG),
                new Metrics(),
                Time.SYSTEM,
                "producer",
                Map.of(),
                true,
                false,
                LimitedChannels.of(config, log, ANSWER_BYTES_MAX),
                MemoryPool.NONE,
                log);
        return new NetworkClient(
                null,
                metadata,
                selector,
                id,
                IN_FLIGHT,
                config.getLong(ProducerConfig.RECONNECT_BACKOFF_MS_CONFIG),
                config.getLong(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG),
                config.getInt(ProducerConfig.SEND_BUFFER_CONFIG),
                config.getInt(ProducerConfig.RECEIVE_BUFFER_CONFIG),
                REQUEST_MILLIS,
                config.getLong(ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG),
                config.getLong(ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG),
                Time.SYSTEM,
                true,
                versions,
                null,
                log,
                resolver,
                null,
                config.getLong(CommonClientConfigs.METADATA_RECOVERY_REBOOTSTRAP_TRIGGER_MS_CONFIG),
                MetadataRecoveryStrategy.forName(
                        config.getString(CommonClientConfigs.METADATA_RECOVERY_STRATEGY_CONFIG)));
    }

    @SuppressWarnings("unchecked")
    private static KafkaProducer<byte[], byte[]> open(
            ProducerConfig config, ProducerMetadata metadata, KafkaClient client, ApiVersions versions) {
        try {
            Constructor<?> constructor = KafkaProducer.class.getDeclaredConstructor(
                    ProducerConfig.class,
                    Serializer.class,
                    Serializer.class,
                    ProducerMetadata.class,
                    KafkaClient.class,
                    ProducerInterceptors.class,
                    ApiVersions.class,
                    Time.class);
            constructor.setAccessible(true);
            return (KafkaProducer<byte[], byte[]>) constructor.newInstance(
                    config,
                    new ByteArraySerializer(),
                    new ByteArraySerializer(),
                    metadata,
                    client,
                    null,
                    versions,
                    Time.SYSTEM);
        } catch (InvocationTargetException e) {
            Utils.closeQuietly(client, "client");
            throw e.getCause() instanceof KafkaException cause ? cause : new KafkaException(e.getCause());
        } catch (ReflectiveOperationException e) {
            Utils.closeQuietly(client, "client");
            throw new IllegalStateException("kafka-clients is of another version than this was made for", e);
        }
    }

    private static Map<String, Object> settings(KafkaType.Target target, String compression) {
        Map<String, Object> settings = new HashMap<>();
        settings.put(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                target.brokers().stream().map(KafkaType.Broker::toString).toList());
        settings.put(ProducerConfig.CLIENT_ID_CONFIG, target.clientId());
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, IN_FLIGHT);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MILLIS);
        // What was given to the producer it tries again without end, in order and with the number that the brokers
        // know it by. A record that was given up and given again would be behind others of its device.
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, BLOCK_MILLIS);
        settings.put(ProducerConfig.BUFFER_MEMORY_CONFIG, BUFFER_BYTES);
        settings.put(ProducerConfig.COMPRESSION_TYPE_CONFIG, compression);
        settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 5000L);
        settings.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        settings.put(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, List.of());
        boolean named = !target.user().isEmpty();
        settings.put(
                CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
                (named ? "SASL_" : "") + (target.encrypted() ? "SSL" : "PLAINTEXT"));
        if (named) {
            String module = target.sasl() == KafkaType.Sasl.PLAIN
                    ? "org.apache.kafka.common.security.plain.PlainLoginModule"
                    : "org.apache.kafka.common.security.scram.ScramLoginModule";
            settings.put(SaslConfigs.SASL_MECHANISM, target.sasl().word());
            settings.put(
                    SaslConfigs.SASL_JAAS_CONFIG,
                    "%s required username=%s password=%s;"
                            .formatted(module, quoted(target.user()), quoted(target.password())));
        }
        SinkTls tls = target.tls();
        if (!tls.ca().isEmpty()) {
            settings.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, PEM);
            settings.put(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG, new Password(tls.ca()));
        }
        if (!tls.key().isEmpty()) {
            settings.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, PEM);
            settings.put(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG, new Password(tls.certificate()));
            settings.put(SslConfigs.SSL_KEYSTORE_KEY_CONFIG, new Password(tls.key()));
        }
        return settings;
    }

    /// @return in quotation marks that what is inside cannot leave
    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
