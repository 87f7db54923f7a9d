package tributary.gateway;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tributary.model.Quote;
import tributary.model.Settings;

/// The load balancers that are believed what they say about a client's address.
///
/// @param networks where they are; empty where there are none, the default
public record Balancers(List<Network> networks) {
    public static final Balancers NONE = new Balancers(List.of());

    public Balancers {
        networks = List.copyOf(networks);
    }

    /// @param key that names their networks, parted by commas
    public static Balancers read(Settings settings, String key) {
        List<Network> networks = new ArrayList<>();
        for (String text : settings.text(key, "").split(",", -1)) {
            if (text.isBlank()) {
                continue;
            }
            try {
                networks.add(Network.parse(text.strip()));
            } catch (IllegalArgumentException e) {
                settings.problem(key + " must be addresses or networks parted by commas, as in"
                        + " 10.0.0.5, 10.1.0.0/16, fd00::/8: '" + Quote.shorten(text) + "'");
            }
        }
        return new Balancers(networks);
    }

    /// @return whether connections from there begin with a PROXY protocol header
    public boolean trusted(@Nullable SocketAddress remote) {
        if (networks.isEmpty() || !(remote instanceof InetSocketAddress inet) || inet.getAddress() == null) {
            return false;
        }
        return networks.stream().anyMatch(network -> network.has(inet.getAddress()));
    }

    /// @param address its first
    /// @param bits    that all its addresses begin with
    public record Network(InetAddress address, int bits) {
        public Network {
            Objects.requireNonNull(address, "address");
            if (bits < 0 || bits > address.getAddress().length * 8) {
                throw new IllegalArgumentException("no network: " + address.getHostAddress() + "/" + bits);
            }
        }

        /// @param text an address, or an address, '/' and the number of bits; names of hosts are refused
        public static Network parse(String text) {
            int slash = text.indexOf('/');
            InetAddress address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
            int all = address.getAddress().length * 8;
            return new Network(address, slash < 0 ? all : Integer.parseInt(text.substring(slash + 1)));
        }

        public boolean has(InetAddress other) {
            byte[] ours = address.getAddress();
            byte[] theirs = other.getAddress();
            if (ours.length != theirs.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> bit % 8;
                if ((ours[bit / 8] & mask) != (theirs[bit / 8] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }
}
