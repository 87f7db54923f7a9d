package tributary.gateway.tls;

import java.util.Locale;
import java.util.Set;

/// Names of hosts as certificates have them.
final class HostNames {
    private HostNames() {}

    /// @return whether one of the certificate's names is the host's; `*.` stands for one label
    static boolean covers(Set<String> names, String host) {
        String asked = host.toLowerCase(Locale.ROOT);
        int dot = asked.indexOf('.');
        return names.contains(asked) || dot > 0 && names.contains("*" + asked.substring(dot));
    }
}
