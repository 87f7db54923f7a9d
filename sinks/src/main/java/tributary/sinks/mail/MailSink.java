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

/// Sends each parcel as a letter, over a connection of its own.
final class MailSink implements Sink {
    private static final int SUBJECT_CHARS_MAX = 200;
    private static final int PERMANENT = 500;

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
        int done = 0;
        try (Transport transport = session.getTransport("smtp")) {
            if (user.isEmpty()) {
                transport.connect();
            } else {
                transport.connect(user, password);
            }
            for (Parcel parcel : batch) {
                Message message = message(parcel);
                transport.sendMessage(message, message.getAllRecipients());
                done++;
            }
            return Outcome.DONE;
        } catch (AuthenticationFailedException e) {
            return Outcome.away("the mail server does not let us in: " + said(e))
                    .after(done);
        } catch (MessagingException e) {
            // a failure to say goodbye comes after everything was taken
            return done == batch.size() ? Outcome.DONE : outcome(e).after(done);
        }
    }

    private Message message(Parcel parcel) throws MessagingException {
        MimeMessage message = new Stamped(session, parcel);
        message.setFrom(new InternetAddress(letter.from()));
        for (String to : letter.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(to));
        }
        String subject =
                letter.subject().show(parcel).replaceAll("\\p{Cntrl}+", " ").strip();
        int length = Math.min(subject.length(), SUBJECT_CHARS_MAX);
        message.setSubject(subject.substring(0, length), StandardCharsets.UTF_8.name());
        message.setText(letter.text().show(parcel), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(Instant.ofEpochMilli(parcel.atMillis())));
        message.setHeader("Auto-Submitted", "auto-generated");
        return message;
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
