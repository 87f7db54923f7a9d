package tributary.app.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import tributary.model.Fault;
import tributary.model.PlatformException;

/// Finds the port to listen on: the one that was asked for, or, where nobody asked, the next free one.
final class Ports {
    private static final int TRIES = 100;

    private Ports() {}

    /// @param fixed whether somebody asked for exactly this port
    /// @param flag  the flag that changes it, for the message
    /// @throws PlatformException with `PORT_TAKEN`
    static int choose(String host, int port, boolean fixed, String flag) {
        if (port == 0 || free(host, port)) {
            return port;
        }
        for (int next = port + 1; !fixed && next < port + TRIES && next <= 65_535; next++) {
            if (free(host, next)) {
                return next;
            }
        }
        throw new PlatformException(
                Fault.PORT_TAKEN,
                "port " + port + " on " + host + " is in use by another program.\n  " + flag
                        + " 0      takes any free one; ss -ltnp shows who has it");
    }

    private static boolean free(String host, int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
