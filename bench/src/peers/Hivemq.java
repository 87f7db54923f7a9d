import com.hivemq.embedded.EmbeddedExtension;
import com.hivemq.embedded.EmbeddedHiveMQ;
import com.hivemq.extension.sdk.api.ExtensionMain;
import com.hivemq.extension.sdk.api.auth.SimpleAuthenticator;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStartOutput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopInput;
import com.hivemq.extension.sdk.api.parameter.ExtensionStopOutput;
import com.hivemq.extension.sdk.api.services.Services;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/// HiveMQ CE in a process of its own that lets everybody in, for comparisons: `java -cp ... Hivemq.java FOLDER`, where
/// FOLDER/conf/config.xml says where it listens. Run from source; not part of the product.
class Hivemq implements ExtensionMain {
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]);
        EmbeddedExtension everybody = EmbeddedExtension.builder()
                .withId("everybody")
                .withName("everybody")
                .withVersion("1")
                .withAuthor("bench")
                .withPriority(0)
                .withStartPriority(1000)
                .withExtensionMain(new Hivemq())
                .build();
        EmbeddedHiveMQ.builder()
                .withConfigurationFolder(home.resolve("conf"))
                .withDataFolder(Files.createDirectories(home.resolve("data")))
                .withExtensionsFolder(Files.createDirectories(home.resolve("extensions")))
                .withEmbeddedExtension(everybody)
                .build()
                .start()
                .join();
        new CountDownLatch(1).await();
    }

    @Override
    public void extensionStart(ExtensionStartInput input, ExtensionStartOutput output) {
        SimpleAuthenticator welcome = (_, answer) -> answer.authenticateSuccessfully();
        Services.securityRegistry().setAuthenticatorProvider(_ -> welcome);
    }

    @Override
    public void extensionStop(ExtensionStopInput input, ExtensionStopOutput output) {
        // nothing is held
    }
}
