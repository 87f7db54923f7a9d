package tributary.sinks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// HARDENING 34: what sinks reach.
class AddressGuardTest {
    private static final AddressGuard GUARD = AddressGuard.allowing("");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.1.2.3",
                "localhost",
                "::1",
                "::ffff:127.0.0.1",
                "0.0.0.0",
                "0.1.2.3",
                "::",
                "2130706433",
                "127.1",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "fd00::1",
                "fc00::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "224.0.0.1",
                "255.255.255.255",
                "240.0.0.1",
                "::127.0.0.1",
                "::a00:1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "2002:7f00:1::",
                "2002:a00:1::",
                "2001:0:1::1",
                "2001:db8::1",
                "192.0.2.1",
                "198.18.0.1",
                "198.51.100.1",
                "203.0.113.1",
                "192.0.0.8"
            })
    void addressOfThisMachineOrItsNetworkIsClosed(String host) {
        assertThatThrownBy(() -> GUARD.resolve(host))
                .isInstanceOf(AddressGuard.ClosedAddress.class)
                .hasMessageContaining("sinks.private-addresses");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "172.15.0.1",
                "172.32.0.1",
                "100.63.0.1",
                "100.128.0.1",
                "11.0.0.1",
                "2606:4700::1",
                "64:ff9b::808:808",
                "2002:808:808::",
                "198.20.0.1"
            })
    void publicAddressIsOpen(String host) throws UnknownHostException {
        assertThat(GUARD.resolve(host)).hasSize(1);
    }

    @Test
    void operatorOpensSomeAndNoMore() throws UnknownHostException {
        AddressGuard guard = AddressGuard.allowing("127.0.0.1, 10.1.0.0/16 fd00::/8");
        assertThat(guard.resolve("127.0.0.1")).hasSize(1);
        assertThat(guard.resolve("10.1.255.1")).hasSize(1);
        assertThat(guard.resolve("fd12::1")).hasSize(1);
        for (String closed : new String[] {"127.0.0.2", "10.2.0.1", "::1", "fc00::1"}) {
            assertThatThrownBy(() -> guard.resolve(closed)).isInstanceOf(AddressGuard.ClosedAddress.class);
        }
        for (String wrong : new String[] {"example.com", "10.0.0.0/33", "10.0.0.0/x", "10.0.0"}) {
            if (!wrong.equals("10.0.0")) {
                assertThatThrownBy(() -> AddressGuard.allowing(wrong)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }

    @Test
    void socketConnectsToNoClosedAddressHoweverItGotThere() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            InetSocketAddress rebound = new InetSocketAddress(
                    InetAddress.getByAddress("good.example.com", new byte[] {127, 0, 0, 1}), server.getLocalPort());
            try (Socket socket = GUARD.socket()) {
                assertThatThrownBy(() -> socket.connect(rebound, 1000)).isInstanceOf(AddressGuard.ClosedAddress.class);
            }
            try (Socket socket = AddressGuard.allowing("127.0.0.1").socket()) {
                socket.connect(rebound, 1000);
                assertThat(socket.isConnected()).isTrue();
            }
        }
    }
}
