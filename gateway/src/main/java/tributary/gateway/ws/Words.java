package tributary.gateway.ws;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import tools.jackson.core.io.JsonStringEncoder;
import tributary.gateway.Admission.Reason;

/// What the door says to clients, as JSON.
final class Words {
    private Words() {}

    static byte[] refused(Ledger.Refused refused) {
        return ("{\"refused\":" + refused.frame() + ",\"reason\":\"" + refused.reason() + "\",\"detail\":\""
                        + String.valueOf(JsonStringEncoder.getInstance().quoteAsCharArray(refused.detail())) + "\"}")
                .getBytes(StandardCharsets.UTF_8);
    }

    /// @return the reason as clients see it, `not-allowed`
    static String slug(Reason reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
