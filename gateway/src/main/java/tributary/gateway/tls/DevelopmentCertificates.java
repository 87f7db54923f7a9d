package tributary.gateway.tls;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaMiscPEMGenerator;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.util.io.pem.PemObjectGenerator;
import org.bouncycastle.util.io.pem.PemWriter;
import tributary.gateway.tls.KeyMaterial.UnfitException;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// An authority of one's own and a server certificate that it signed, so that TLS is on without buying or
/// asking.
///
/// Made once into a folder: `ca.pem` is for clients, `server.pem` and `server-key.pem` for the server,
/// `ca-key.pem` for the next server certificate. Keys are EC P-256; key files are 0600.
public final class DevelopmentCertificates {
    private static final Duration AUTHORITY_LIFE = Duration.ofDays(3650);

    /// The longest that every kind of client takes.
    private static final Duration SERVER_LIFE = Duration.ofDays(825);

    /// A clock of a device may be behind.
    private static final Duration BACKDATED = Duration.ofDays(1);

    private static final Duration DUE_BEFORE_END = Duration.ofDays(30);
    private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    private final Path folder;
    private final InstantSource clock;
    private final SecureRandom random;

    public DevelopmentCertificates(Path folder, InstantSource clock, SecureRandom random) {
        this.folder = Objects.requireNonNull(folder, "folder");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.random = Objects.requireNonNull(random, "random");
    }

    /// @return the authority's certificate, which clients are given to trust
    public Path authority() {
        return folder.resolve("ca.pem");
    }

    /// @return the server's certificate, the authority's behind it
    public Path certificate() {
        return folder.resolve("server.pem");
    }

    /// @return the server's key
    public Path key() {
        return folder.resolve("server-key.pem");
    }

    private Path authorityKey() {
        return folder.resolve("ca-key.pem");
    }

    /// @return whether there is no server certificate here, or one that ends soon or is damaged
    public boolean due() {
        try {
            KeyMaterial material = KeyMaterial.read(certificate(), key(), clock.instant());
            return clock.instant()
                    .isAfter(material.own().getNotAfter().toInstant().minus(DUE_BEFORE_END));
        } catch (UnfitException e) {
            return true;
        }
    }

    /// Makes a server certificate, and the authority where there is none yet.
    ///
    /// @param names hosts and addresses beyond this machine's own
    /// @return the names that it is for
    public Set<String> make(Collection<String> names) {
        Set<String> all = new LinkedHashSet<>(ownNames());
        for (String name : names) {
            all.add(name.strip().toLowerCase(Locale.ROOT));
        }
        try {
            makeFolder();
            KeyMaterial authority = Files.exists(authority()) ? existing() : newAuthority();
            KeyPair pair = pair();
            X509Certificate own = sign(authority, pair, all);
            write(key(), pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
            write(certificate(), pem(new JcaMiscPEMGenerator(own)) + pem(new JcaMiscPEMGenerator(authority.own())));
            return all;
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "certificates cannot be written to " + folder + ": " + e
                            + ".\n  Give the folder to the user that runs this, or name another with --data DIR.",
                    e);
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("this JDK cannot sign a certificate with P-256", e);
        }
    }

    private KeyMaterial existing() {
        try {
            return KeyMaterial.read(authority(), authorityKey(), clock.instant());
        } catch (UnfitException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    e.getMessage() + ".\n  Restore it from a backup, or remove " + authority()
                            + " to have a new authority made; clients then need the new one.",
                    e);
        }
    }

    private KeyMaterial newAuthority() throws IOException, GeneralSecurityException, OperatorCreationException {
        KeyPair pair = pair();
        X500Name name = new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, "Tributary")
                .addRDN(BCStyle.CN, "Development authority " + new BigInteger(32, random).toString(16))
                .build();
        Instant now = clock.instant();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                serial(),
                Date.from(now.minus(BACKDATED)),
                Date.from(now.plus(AUTHORITY_LIFE)),
                name,
                pair.getPublic());
        JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(pair.getPublic()));
        X509Certificate own = new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate())));
        write(authorityKey(), pem(new JcaPKCS8Generator(pair.getPrivate(), null)));
        write(authority(), pem(new JcaMiscPEMGenerator(own)));
        return new KeyMaterial(pair.getPrivate(), List.of(own));
    }

    private X509Certificate sign(KeyMaterial authority, KeyPair pair, Set<String> names)
            throws IOException, GeneralSecurityException, OperatorCreationException {
        Instant now = clock.instant();
        Instant end = now.plus(SERVER_LIFE);
        Instant authorityEnd = authority.own().getNotAfter().toInstant();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                authority.own(),
                serial(),
                Date.from(now.minus(BACKDATED)),
                Date.from(end.isBefore(authorityEnd) ? end : authorityEnd),
                new X500NameBuilder(BCStyle.INSTANCE)
                        .addRDN(BCStyle.CN, "localhost")
                        .build(),
                pair.getPublic());
        JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
        GeneralName[] alternatives =
                names.stream().map(DevelopmentCertificates::general).toArray(GeneralName[]::new);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(alternatives));
        builder.addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(pair.getPublic()));
        builder.addExtension(
                Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(authority.own()));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(authority.key())));
    }

    private static GeneralName general(String name) {
        return new GeneralName(ADDRESS.matcher(name).matches() ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    private KeyPair pair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), random);
        return generator.generateKeyPair();
    }

    private BigInteger serial() {
        return new BigInteger(126, random).setBit(126);
    }

    /// What other machines may call this one: its name, and the addresses that it has now.
    private static Set<String> ownNames() {
        Set<String> names = new LinkedHashSet<>();
        names.add("localhost");
        names.add("127.0.0.1");
        names.add("::1");
        try {
            String host = InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT);
            if (host.matches("[a-z0-9.-]{1,253}")) {
                names.add(host);
            }
        } catch (UnknownHostException e) {
            // a machine without a name has addresses
        }
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .map(address -> address instanceof Inet6Address
                            ? address.getHostAddress().replaceAll("%.*", "")
                            : address.getHostAddress())
                    .forEach(names::add);
        } catch (IOException e) {
            // then it is for this machine only
        }
        return names;
    }

    private static String pem(PemObjectGenerator object) throws IOException {
        StringWriter text = new StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(object);
        }
        return text.toString();
    }

    private void makeFolder() throws IOException {
        if (POSIX && !Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } else {
            Files.createDirectories(folder);
        }
    }

    /// Whole or not at all, and closed to others from its first byte on.
    private static void write(Path file, String text) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        if (POSIX) {
            Files.createFile(part, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } else {
            Files.createFile(part);
        }
        Files.writeString(part, text, StandardCharsets.US_ASCII);
        try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
