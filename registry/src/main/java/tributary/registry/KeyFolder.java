package tributary.registry;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// The private halves of the signing keys: one PKCS#8 file in PEM form a key, 0600 in a folder that is 0700.
final class KeyFolder {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private final Path folder;

    private KeyFolder(Path folder) {
        this.folder = folder;
    }

    static KeyFolder open(Path folder) throws IOException {
        OwnedFolder.make(folder);
        return new KeyFolder(folder);
    }

    boolean has(String id) {
        return Files.isRegularFile(file(id));
    }

    /// Puts a key on disk; it and its name are flushed when this returns.
    void write(String id, PrivateKey key) {
        String pem = BEGIN + "\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded()) + "\n"
                + END + "\n";
        Path unfinished = folder.resolve(id + ".new");
        try {
            OwnedFolder.touch(unfinished);
            try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = StandardCharsets.US_ASCII.encode(pem);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(unfinished, file(id), StandardCopyOption.ATOMIC_MOVE);
            OwnedFolder.flush(folder);
        } catch (IOException e) {
            throw new PlatformException(
                    Fault.DATA_FOLDER,
                    "The signing key cannot be written to %s: %s. Check the rights of the folder and the room on its disk."
                            .formatted(folder, e),
                    e);
        }
    }

    /// @throws PlatformException where the file is damaged or does not belong to `key`
    PrivateKey read(SigningKey key) {
        Path file = file(key.id());
        try {
            String pem = Files.readString(file, StandardCharsets.US_ASCII);
            byte[] encoded =
                    Base64.getMimeDecoder().decode(pem.replace(BEGIN, "").replace(END, ""));
            PrivateKey secret = KeyFactory.getInstance(SigningKey.family(key.algorithm()))
                    .generatePrivate(new PKCS8EncodedKeySpec(encoded));
            byte[] probe = key.id().getBytes(StandardCharsets.UTF_8);
            if (key.signed(probe, SigningKey.sign(key.algorithm(), secret, probe))) {
                return secret;
            }
            throw new GeneralSecurityException("it is not the private half of key " + key.id());
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new PlatformException(
                    Fault.DATA_DAMAGED,
                    "The signing key %s cannot be used: %s. Restore the file from a backup, or remove it and start again to have a new key made."
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    /// Forgets the private half of a key that signs no more.
    void delete(String id) throws IOException {
        Files.deleteIfExists(file(id));
    }

    private Path file(String id) {
        return folder.resolve(id + ".pem");
    }
}
