package tributary.sinks.folder;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.apache.hc.client5.http.DnsResolver;
import tributary.sinks.AddressGuard;

/// Looks names up with the guard.
record GuardedNames(AddressGuard guard) implements DnsResolver {
    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        return guard.resolve(host);
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
        return guard.resolve(host)[0].getHostAddress();
    }
}
