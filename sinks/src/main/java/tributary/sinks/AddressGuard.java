package tributary.sinks;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tributary.model.Quote;

/// Says which addresses a sink may connect to: those of the public internet, and those that the operator allows.
///
/// Tenants say where sinks connect to, so without this a tenant could reach what only this machine or its network
/// reaches. A name is judged by the addresses that it has at the moment of the connection, and that very address is
/// connected to: a name that changes its address in between (DNS rebinding) gains nothing.
public final class AddressGuard {
    private static final Pattern SEPARATOR = Pattern.compile("[,\\s]+");

    /// Networks of no public host, beside those that Java knows as loopback, link-local, site-local and multicast.
    private static final List<Network> CLOSED = List.of(
            Network.of("0.0.0.0/8"),
            Network.of("100.64.0.0/10"),
            Network.of("192.0.0.0/24"),
            Network.of("192.0.2.0/24"),
            Network.of("198.18.0.0/15"),
            Network.of("198.51.100.0/24"),
            Network.of("203.0.113.0/24"),
            Network.of("240.0.0.0/4"),
            Network.of("100::/64"),
            Network.of("2001::/32"),
            Network.of("2001:db8::/32"),
            Network.of("fc00::/7"));

    /// IPv6 networks in which an IPv4 address stands, and at which byte: what is reached is that address.
    private static final List<Network> CARRIERS = List.of(Network.of("64:ff9b::/96"), Network.of("::/96"));
    private static final Network SIX_TO_FOUR = Network.of("2002::/16");

    private final String text;
    private final List<Network> allowed;

    /// The address is not for sinks.
    public static final class ClosedAddress extends UnknownHostException {
        private static final long serialVersionUID = 1;

        ClosedAddress(String host) {
            super(("%s is an address of this machine or its own network, which sinks may not reach unless the operator"
                            + " allows it (setting sinks.private-addresses)")
                    .formatted(Quote.shorten(host)));
        }
    }

    /// A stretch of addresses.
    private record Network(byte[] bytes, int bits) {
        static Network of(String text) {
            int slash = text.indexOf('/');
            String address = slash < 0 ? text : text.substring(0, slash);
            if (!address.matches("[0-9a-fA-F:.]+")) {
                throw new IllegalArgumentException("'" + Quote.shorten(text) + "' is no address");
            }
            try {
                byte[] bytes = InetAddress.getByName(address).getAddress();
                int bits = slash < 0 ? bytes.length * 8 : Integer.parseInt(text.substring(slash + 1));
                if (bits < 0 || bits > bytes.length * 8) {
                    throw new IllegalArgumentException("'" + Quote.shorten(text) + "' has too many bits");
                }
                return new Network(bytes, bits);
            } catch (UnknownHostException | NumberFormatException e) {
                throw new IllegalArgumentException("'" + Quote.shorten(text) + "' is no address or network", e);
            }
        }

        boolean has(byte[] address) {
            if (address.length != bytes.length) {
                return false;
            }
            for (int bit = 0; bit < bits; bit++) {
                int mask = 0x80 >> (bit & 7);
                if ((address[bit >> 3] & mask) != (bytes[bit >> 3] & mask)) {
                    return false;
                }
            }
            return true;
        }
    }

    private AddressGuard(String text, List<Network> allowed) {
        this.text = text;
        this.allowed = List.copyOf(allowed);
    }

    /// @param allowed addresses and networks such as `10.0.0.0/8, 127.0.0.1`, separated by commas or blanks
    /// @throws IllegalArgumentException where one cannot be read
    public static AddressGuard allowing(String allowed) {
        List<Network> networks = new ArrayList<>();
        for (String one : SEPARATOR.split(allowed.strip())) {
            if (!one.isEmpty()) {
                networks.add(Network.of(one));
            }
        }
        return new AddressGuard(allowed, networks);
    }

    /// @return what it was made from, for what makes its own guard by [#allowing]
    public String allowed() {
        return text;
    }

    /// @return the addresses of the host, each of them checked
    /// @throws ClosedAddress where one of them is not for sinks
    /// @throws UnknownHostException where there is no such host
    public InetAddress[] resolve(String host) throws UnknownHostException {
        InetAddress[] addresses = InetAddress.getAllByName(host);
        for (InetAddress address : addresses) {
            if (!open(address)) {
                throw new ClosedAddress(host);
            }
        }
        return addresses;
    }

    /// @return a socket that is not connected, and connects only to what is open to sinks
    public Socket socket() {
        return new Socket() {
            @Override
            public void connect(SocketAddress endpoint) throws IOException {
                check(endpoint);
                super.connect(endpoint);
            }

            @Override
            public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
                check(endpoint);
                super.connect(endpoint, timeoutMillis);
            }
        };
    }

    private void check(SocketAddress endpoint) throws IOException {
        if (!(endpoint instanceof InetSocketAddress address)) {
            throw new ClosedAddress(endpoint.toString());
        }
        if (address.isUnresolved()) {
            throw new UnknownHostException(address.getHostString());
        }
        if (!open(address.getAddress())) {
            throw new ClosedAddress(address.getHostString());
        }
    }

    /// @return whether a sink may connect to it
    boolean open(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (allowed.stream().anyMatch(network -> network.has(bytes))) {
            return true;
        }
        boolean closed = address.isLoopbackAddress()
                || address.isAnyLocalAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()
                || CLOSED.stream().anyMatch(network -> network.has(bytes));
        return !closed && (address instanceof Inet4Address || carriesNothingClosed((Inet6Address) address));
    }

    private boolean carriesNothingClosed(Inet6Address address) {
        byte[] bytes = address.getAddress();
        if (CARRIERS.stream().anyMatch(network -> network.has(bytes))) {
            return open(four(bytes, 12));
        }
        return !SIX_TO_FOUR.has(bytes) || open(four(bytes, 2));
    }

    private static InetAddress four(byte[] bytes, int at) {
        byte[] four = {bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]};
        try {
            return InetAddress.getByAddress(four);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }
}
