package tributary.gateway.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIMatcher;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tributary.gateway.tls.KeyMaterial.UnfitException;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// TLS 1.2 and 1.3 with the server's certificate, which is read again when its files change.
///
/// MQTT uses BoringSSL where it loads, because its handshakes cost half of the JDK's; HTTP the JDK's own.
/// Sessions resume by tickets, which are encrypted with keys that change twice a day and are on no disk. There
/// is no renegotiation and no early data.
public final class ServerTls implements AutoCloseable {
    /// How long a client may take from connecting to the end of the handshake.
    public static final Duration HANDSHAKE_MAX = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
    private static final List<String> SUITES = List.of(
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
    private static final int SESSIONS_MAX = 10_000;
    private static final Duration SESSION_LIFE = Duration.ofHours(1);
    private static final Duration TICKET_KEY_LIFE = Duration.ofHours(12);
    private static final Duration EXPIRY_NEAR = Duration.ofDays(21);

    private final TlsSettings settings;
    private final Path certificate;
    private final Path key;
    private final @Nullable X509ExtendedTrustManager clients;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final ScheduledExecutorService watch;

    /// Written at the opening and by the watch; read by every handshake.
    private volatile Loaded current;

    // The rest is the watch's own.
    private @Nullable SslContext retired;
    private OpenSslSessionTicketKey[] ticketKeys = new OpenSslSessionTicketKey[0];
    private Instant ticketKeysUntil = Instant.EPOCH;
    private String complained = "";
    private Instant remindedAt = Instant.EPOCH;

    /// What is in use.
    ///
    /// @param stamp of the files that it was read from
    private record Loaded(KeyMaterial material, SslContext mqtt, String stamp) {}

    static {
        // before the JDK's TLS is first used: a client that asks to negotiate again is cut off
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private ServerTls(TlsSettings settings, @Nullable X509ExtendedTrustManager clients, InstantSource clock) {
        this.settings = settings;
        this.certificate = Objects.requireNonNull(settings.certificate(), "certificate");
        this.key = Objects.requireNonNull(settings.key(), "key");
        this.clients = clients;
        this.clock = Objects.requireNonNull(clock, "clock");
        try {
            this.current = load(stamp());
        } catch (UnfitException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "TLS cannot start: " + e.getMessage()
                            + ".\n  tributary cert      makes a certificate to begin with; tls.certificate and tls.key"
                            + " name another",
                    e);
        }
        this.watch = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("tls-watch").daemon().factory());
        long millis = settings.lookEvery().toMillis();
        watch.scheduleWithFixedDelay(this::look, millis, millis, TimeUnit.MILLISECONDS);
    }

    /// Reads the certificate and begins to watch its files.
    ///
    /// @param clients says which certificates of MQTT clients are good; null where none are asked for
    /// @throws PlatformException where the files cannot be used
    public static ServerTls open(
            TlsSettings settings, @Nullable X509ExtendedTrustManager clients, InstantSource clock) {
        return new ServerTls(settings, clients, clock);
    }

    /// @return what does the handshakes of MQTT, for people
    public String engine() {
        return boring() ? OpenSsl.versionString() : "the JDK's own TLS";
    }

    private boolean boring() {
        return settings.engine() == TlsSettings.Engine.AUTO && OpenSsl.isAvailable();
    }

    /// @return the handler that a new MQTT connection begins with
    public SslHandler handler(ByteBufAllocator allocator) {
        Loaded now = current;
        SslHandler handler = now.mqtt().newHandler(allocator);
        if (settings.sniStrict()) {
            handler.engine().setSSLParameters(strict(handler.engine().getSSLParameters(), now.material()));
        }
        handler.setHandshakeTimeoutMillis(HANDSHAKE_MAX.toMillis());
        return handler;
    }

    /// @return for the HTTP server; it shows whatever certificate is current
    public SSLContext httpContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {new CurrentKey(() -> current.material())}, null, random);
            context.getServerSessionContext().setSessionCacheSize(SESSIONS_MAX);
            context.getServerSessionContext().setSessionTimeout((int) SESSION_LIFE.toSeconds());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS", e);
        }
    }

    /// @return protocols and suites for the HTTP server
    public SSLParameters httpParameters() {
        SSLParameters parameters = new SSLParameters(SUITES.toArray(new String[0]), PROTOCOLS);
        parameters.setUseCipherSuitesOrder(true);
        return settings.sniStrict() ? strict(parameters, current.material()) : parameters;
    }

    /// @return the file with the certificate that the server shows
    public Path certificate() {
        return certificate;
    }

    /// @return names and addresses that the certificate is for
    public Set<String> names() {
        return current.material().names();
    }

    private static SSLParameters strict(SSLParameters parameters, KeyMaterial material) {
        Set<String> names = material.names();
        parameters.setSNIMatchers(List.of(new SNIMatcher(StandardConstants.SNI_HOST_NAME) {
            @Override
            public boolean matches(SNIServerName asked) {
                return HostNames.covers(names, new String(asked.getEncoded(), StandardCharsets.UTF_8));
            }
        }));
        return parameters;
    }

    /// Looks whether the files changed, changes the tickets' keys when their time is over, and reminds of an
    /// expiry.
    void look() {
        try {
            SslContext old = retired;
            retired = null;
            if (old != null) {
                ReferenceCountUtil.release(old); // nobody has held it since the last look
            }
            String stamp = stamp();
            if (!stamp.equals(current.stamp())) {
                reload(stamp);
            }
            renewTicketKeys(current.mqtt());
            remind();
        } catch (RuntimeException e) {
            LOG.error("looking after the TLS certificate failed; the one in use stays", e);
        }
    }

    private void reload(String stamp) {
        try {
            Loaded loaded = load(stamp);
            retired = current.mqtt();
            current = loaded;
            complained = "";
            LOG.info(
                    "the TLS certificate was read again from {}: {} until {}",
                    certificate,
                    loaded.material().names(),
                    loaded.material().own().getNotAfter().toInstant());
        } catch (UnfitException e) {
            String complaint = stamp + e.getMessage();
            if (!complaint.equals(complained)) {
                complained = complaint;
                LOG.warn(
                        "the changed TLS certificate is not used: {}. The one in use stays, good until {}",
                        e.getMessage(),
                        current.material().own().getNotAfter().toInstant());
            }
        }
    }

    private Loaded load(String stamp) throws UnfitException {
        KeyMaterial material = KeyMaterial.read(certificate, key, clock.instant());
        if (material.slow()) {
            LOG.info(
                    "the TLS key in {} is RSA: an EC key (P-256) costs a fraction of its processor time at each handshake",
                    key);
        }
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(material.key(), material.chain())
                    .sslProvider(boring() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
                    .protocols(PROTOCOLS)
                    .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE)
                    .sessionCacheSize(SESSIONS_MAX)
                    .sessionTimeout(SESSION_LIFE.toSeconds());
            if (clients != null) {
                builder.trustManager(clients).clientAuth(ClientAuth.OPTIONAL);
            }
            SslContext context = builder.build();
            renewTicketKeys(context);
            return new Loaded(material, context, stamp);
        } catch (SSLException | IllegalArgumentException e) {
            throw new UnfitException("the certificate in " + certificate + " cannot be used: " + e.getMessage());
        }
    }

    private void renewTicketKeys(SslContext context) {
        if (!(context.sessionContext() instanceof OpenSslSessionContext sessions)) {
            return; // the JDK looks after its own
        }
        Instant now = clock.instant();
        if (!now.isBefore(ticketKeysUntil)) {
            OpenSslSessionTicketKey fresh =
                    new OpenSslSessionTicketKey(random(OpenSslSessionTicketKey.NAME_SIZE), random(16), random(16));
            ticketKeys = ticketKeys.length == 0
                    ? new OpenSslSessionTicketKey[] {fresh}
                    : new OpenSslSessionTicketKey[] {fresh, ticketKeys[0]};
            ticketKeysUntil = now.plus(TICKET_KEY_LIFE);
            sessions.setTicketKeys(ticketKeys);
        } else if (current == null || context != current.mqtt()) {
            sessions.setTicketKeys(ticketKeys);
        }
    }

    private byte[] random(int bytes) {
        byte[] drawn = new byte[bytes];
        random.nextBytes(drawn);
        return drawn;
    }

    private void remind() {
        Instant now = clock.instant();
        Instant end = current.material().own().getNotAfter().toInstant();
        if (now.isAfter(end.minus(EXPIRY_NEAR)) && now.isAfter(remindedAt.plus(Duration.ofDays(1)))) {
            remindedAt = now;
            LOG.warn(
                    "the TLS certificate in {} {} at {}; put a new one there, no restart is needed",
                    certificate,
                    now.isAfter(end) ? "expired" : "expires",
                    end);
        }
    }

    /// @return what tells a changed file from the one that was read
    private String stamp() {
        return stamp(certificate) + " " + stamp(key);
    }

    private static String stamp(Path file) {
        try {
            return Files.getLastModifiedTime(file) + "/" + Files.size(file);
        } catch (IOException e) {
            return "none";
        }
    }

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
