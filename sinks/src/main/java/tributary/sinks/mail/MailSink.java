package tributary.sinks.mail;

import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import tributary.model.Quote;
import tributary.sinks.AddressGuard;
import tributary.sinks.Outcome;
import tributary.sinks.Parcel;
import tributary.sinks.Sink;
import tributary.sinks.TlsFault;

/// Sends each parcel as a letter, and alerts of one cause that wait together as one, over a connection of its own.
final class MailSink implements Sink {
    private static final int SUBJECT_CHARS_MAX = 200;
    private static final int PERMANENT = 500;

    /// Parcels of which one letter tells.
    private static final int LINES_MAX = 500;

    private final Session session;
    private final String user;
    private final String password;
    private final MailType.Letter letter;

    MailSink(Properties properties, String user, String password, MailType.Letter letter) {
        this.session = Session.getInstance(properties);
        this.user = user;
        this.password = password;
        this.letter = letter;
    }

    @Override
    public Outcome deliver(List<Parcel> batch) {
        boolean sent = false;
        try (Transport transport = session.getTransport("smtp")) {
            if (user.isEmpty()) {
                transport.connect();
            } else {
                transport.connect(user, password);
            }
            Message message = message(batch);
            transport.sendMessage(message, message.getAllRecipients());
            sent = true;
            return Outcome.DONE;
        } catch (AuthenticationFailedException e) {
            return Outcome.away("the mail server does not let us in: " + said(e));
        } catch (MessagingException e) {
            // a failure to say goodbye comes after it was taken
            return sent ? Outcome.DONE : outcome(e);
        }
    }

    /// Alerts of one rule and name that came into one state, one after the other.
    @Override
    public int together(List<Parcel> batch) {
        Parcel first = batch.getFirst();
        int count = 1;
        while (count < batch.size() && alike(first, batch.get(count))) {
            count++;
        }
        return count;
    }

    private static boolean alike(Parcel one, Parcel other) {
        Parcel.Alert alert = one.alert();
        Parcel.Alert next = other.alert();
        return alert != null
                && next != null
                && one.rule().equals(other.rule())
                && alert.name().equals(next.name())
                && alert.state().equals(next.state());
    }

    private Message message(List<Parcel> alike) throws MessagingException {
        Parcel parcel = alike.getFirst();
        MimeMessage message = new Stamped(session, parcel);
        message.setFrom(new InternetAddress(letter.from()));
        for (String to : letter.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(to));
        }
        String subject =
                letter.subject().show(parcel).replaceAll("\\p{Cntrl}+", " ").strip();
        int length = Math.min(subject.length(), SUBJECT_CHARS_MAX);
        String more = alike.size() == 1 ? "" : " (and %,d more like it)".formatted(alike.size() - 1);
        message.setSubject(subject.substring(0, length) + more, StandardCharsets.UTF_8.name());
        message.setText(letter.text().show(parcel) + others(alike), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(Instant.ofEpochMilli(parcel.atMillis())));
        message.setHeader("Auto-Submitted", "auto-generated");
        return message;
    }

    /// @return a line for each of the others
    private static String others(List<Parcel> alike) {
        StringBuilder lines = new StringBuilder(alike.size() == 1 ? "" : "\n\nMore like it:\n");
        for (Parcel other : alike.subList(1, Math.min(alike.size(), LINES_MAX))) {
            lines.append(Instant.ofEpochMilli(other.atMillis()))
                    .append("  ")
                    .append(other.payload())
                    .append('\n');
        }
        return alike.size() <= LINES_MAX
                ? lines.toString()
                : lines.append("and %,d more\n".formatted(alike.size() - LINES_MAX))
                        .toString();
    }

    /// The same parcel has the same Message-ID whenever it is sent: mail programs show it once.
    private static final class Stamped extends MimeMessage {
        private final Parcel parcel;

        Stamped(Session session, Parcel parcel) {
            super(session);
            this.parcel = parcel;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", "<" + parcel.id().replace('/', '.') + "." + parcel.atMillis() + "@tributary>");
        }
    }

    private static Outcome outcome(MessagingException e) {
        Optional<AddressGuard.ClosedAddress> closed = closed(e);
        if (closed.isPresent()) {
            return Outcome.away(String.valueOf(closed.get().getMessage()));
        }
        String reason = "the mail server: " + TlsFault.said(e).orElseGet(() -> said(e));
        return code(e) >= PERMANENT ? new Outcome.Refused(0, reason) : Outcome.away(reason);
    }

    private static Optional<AddressGuard.ClosedAddress> closed(Throwable e) {
        Throwable cause = e;
        while (cause != null) {
            if (cause instanceof AddressGuard.ClosedAddress closed) {
                return Optional.of(closed);
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    /// @return what the server answered, or 0 where it did not
    private static int code(MessagingException e) {
        int code = switch (e) {
            case SMTPAddressFailedException failed -> failed.getReturnCode();
            case SMTPSenderFailedException failed -> failed.getReturnCode();
            case SMTPSendFailedException failed -> failed.getReturnCode();
            default -> 0;
        };
        return e.getNextException() instanceof MessagingException next ? Math.max(code, code(next)) : code;
    }

    private static String said(MessagingException e) {
        String message = String.valueOf(e.getMessage());
        return Quote.shorten(message.strip());
    }

    @Override
    public void close() {
        // nothing is kept open
    }
}
