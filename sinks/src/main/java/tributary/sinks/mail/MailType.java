package tributary.sinks.mail;

import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.SSLSocketFactory;
import tributary.model.Quote;
import tributary.sinks.GuardedSockets;
import tributary.sinks.Pace;
import tributary.sinks.SinkFields;
import tributary.sinks.SinkTls;
import tributary.sinks.SinkType;
import tributary.sinks.Template;

/// E-mail through a mail server.
public final class MailType implements SinkType {
    private static final int RECIPIENTS_MAX = 50;
    private static final String MILLIS_MAX = "20000";

    /// How the connection is protected.
    enum Security {
        /// Encrypted after the greeting, or nothing is sent.
        STARTTLS,
        /// Encrypted from the first byte.
        TLS,
        /// Not at all; for a server on this machine.
        NONE
    }

    /// What is sent to whom.
    record Letter(String from, List<String> to, Template subject, Template text) {
        Letter {
            to = List.copyOf(to);
        }
    }

    @Override
    public String name() {
        return "mail";
    }

    @Override
    public Pace pace() {
        return Pace.batches(1_000, Duration.ZERO);
    }

    @Override
    public Plan plan(SinkFields fields, Place place) {
        String host = fields.required("host", "the mail server");
        if (!host.matches("[A-Za-z0-9._:-]*")) {
            fields.problem("host", "host is one name or address, was '" + Quote.shorten(host) + "'");
        }
        int port = fields.number("port", 587, 1, 65_535);
        Security security = fields.choice("security", Security.STARTTLS);
        String user = fields.text("user", "");
        String password = fields.secret("password");
        if (user.isEmpty() != password.isEmpty()) {
            fields.problem("user", "user and the secret password belong together");
        }
        SinkTls tls = SinkTls.read(fields, security == Security.NONE ? "security is none" : "");
        Letter letter = new Letter(
                address(fields, "from", fields.required("from", "whom it comes from")),
                recipients(fields),
                fields.template("subject", "${rule()}: ${device()}"),
                fields.template("text", "${payload()}"));
        Properties properties = properties(host, port, security);
        properties.setProperty("mail.smtp.auth", Boolean.toString(!user.isEmpty()));
        return () -> {
            properties.put("mail.smtp.socketFactory", new GuardedSockets(place.guard()));
            properties.put("mail.smtp.ssl.socketFactory", new GuardedTls(sockets(tls), place.guard()));
            return new MailSink(properties, user, password, letter);
        };
    }

    private static Properties properties(String host, int port, Security security) {
        Properties properties = new Properties();
        properties.setProperty("mail.smtp.host", host);
        properties.setProperty("mail.smtp.port", Integer.toString(port));
        properties.setProperty("mail.smtp.connectiontimeout", MILLIS_MAX);
        properties.setProperty("mail.smtp.timeout", MILLIS_MAX);
        properties.setProperty("mail.smtp.writetimeout", MILLIS_MAX);
        properties.setProperty("mail.smtp.socketFactory.fallback", "false");
        properties.setProperty("mail.smtp.ssl.socketFactory.fallback", "false");
        properties.setProperty("mail.smtp.ssl.checkserveridentity", "true");
        properties.setProperty("mail.smtp.ssl.enable", Boolean.toString(security == Security.TLS));
        properties.setProperty("mail.smtp.starttls.enable", Boolean.toString(security == Security.STARTTLS));
        properties.setProperty("mail.smtp.starttls.required", Boolean.toString(security == Security.STARTTLS));
        return properties;
    }

    private static SSLSocketFactory sockets(SinkTls tls) {
        try {
            return tls.context().getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("certificates and key were looked at before", e);
        }
    }

    private static List<String> recipients(SinkFields fields) {
        List<String> to = new ArrayList<>();
        for (String one : fields.required("to", "who gets it, parted by commas").split(",")) {
            if (!one.isBlank()) {
                to.add(address(fields, "to", one.strip()));
            }
        }
        if (to.size() > RECIPIENTS_MAX) {
            fields.problem("to", "to has at most " + RECIPIENTS_MAX + " addresses");
        }
        return to;
    }

    private static String address(SinkFields fields, String field, String address) {
        if (!address.isBlank() && !address.matches("[^\\s@<>,;:\"()\\[\\]\\\\]{1,64}@[A-Za-z0-9.-]{1,255}")) {
            fields.problem(field, field + ": '" + Quote.shorten(address) + "' is no address such as ops@example.com");
        }
        return address;
    }
}
