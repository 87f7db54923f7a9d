package tributary.app.server;

import java.util.List;
import tributary.sinks.SinkType;
import tributary.sinks.amqp.AmqpType;
import tributary.sinks.folder.BucketType;
import tributary.sinks.folder.FolderType;
import tributary.sinks.http.NtfyType;
import tributary.sinks.http.SearchType;
import tributary.sinks.http.SlackType;
import tributary.sinks.http.WebhookType;
import tributary.sinks.kafka.KafkaType;
import tributary.sinks.mail.MailType;
import tributary.sinks.mqtt.MqttType;
import tributary.sinks.postgres.PostgresType;

/// The kinds of sinks that there are. Their clients are loaded when the first sink of the kind connects.
final class SinkTypes {
    static final List<SinkType> ALL = List.of(
            new WebhookType(),
            new FolderType(),
            new BucketType(),
            new NtfyType(),
            new SlackType(),
            new MqttType(),
            new KafkaType(),
            new AmqpType(),
            new SearchType(),
            new PostgresType(),
            new MailType());

    private SinkTypes() {}
}
