package tributary.testkit;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;

/// ActiveMQ Artemis, which speaks AMQP 1.0, in a process of its own: what it has accepted is on its disk. Its address
/// `small` is full after 20 KB.
public final class ArtemisServer {
    public static final String USER = "canary-user";
    public static final String PASSWORD = "canary-artemis-password";

    private ArtemisServer() {}

    /// @return what starts one that takes everybody
    public static List<String> command(int port, Path folder) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                // without it the broker of this version cannot read its own journal again on Java 25
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                ArtemisServer.class.getName(),
                Integer.toString(port),
                folder.toString());
    }

    /// @param store with the server's certificate and key, as [TestAuthority.Issued#store] writes it
    /// @return what starts one that speaks TLS and takes [#USER] alone
    public static List<String> command(int port, Path folder, Path store) {
        List<String> command = new ArrayList<>(command(port, folder));
        command.add(store.toString());
        return List.copyOf(command);
    }

    /// @param arguments port, folder and, for TLS and a user, a store
    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[1]);
        boolean secure = arguments.length > 2;
        String tls = secure
                ? ";saslMechanisms=PLAIN;sslEnabled=true;keyStoreType=PKCS12;keyStorePath=%s;keyStorePassword=%s"
                        .formatted(arguments[2], TestAuthority.STORE_PASSWORD)
                : "";
        Configuration configuration = new ConfigurationImpl()
                .setSecurityEnabled(secure)
                .setPersistenceEnabled(true)
                .setJournalType(JournalType.NIO)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .setJournalFileSize(1 << 20)
                .setJournalMinFiles(2)
                .addAcceptorConfiguration("amqp", "tcp://127.0.0.1:" + arguments[0] + "?protocols=AMQP" + tls)
                .addAddressSetting("#", queues())
                .addAddressSetting(
                        "small",
                        queues().setMaxSizeBytes(20_000).setAddressFullMessagePolicy(AddressFullMessagePolicy.FAIL));
        EmbeddedActiveMQ server = new EmbeddedActiveMQ();
        if (secure) {
            String role = "all";
            configuration.putSecurityRoles(
                    "#",
                    Set.of(new Role(role, true, true, true, true, true, true, true, true, true, true, true, true)));
            server.setSecurityManager(new ActiveMQJAASSecurityManager(
                    InVMLoginModule.class.getName(),
                    new SecurityConfiguration(Map.of(USER, PASSWORD), Map.of(USER, List.of(role)))));
        }
        server.setConfiguration(configuration);
        server.start();
        Thread.currentThread().join();
    }

    /// An address that is new is a queue, which stays.
    private static AddressSettings queues() {
        return new AddressSettings()
                .setDefaultAddressRoutingType(RoutingType.ANYCAST)
                .setDefaultQueueRoutingType(RoutingType.ANYCAST)
                .setAutoDeleteQueues(false)
                .setAutoDeleteAddresses(false);
    }
}
