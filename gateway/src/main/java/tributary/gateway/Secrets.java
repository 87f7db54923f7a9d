package tributary.gateway;

import java.util.regex.Pattern;

/// Keeps tokens out of what is shown: people paste them into the field for the user name, the client id or the topic.
final class Secrets {
    private static final String INSTEAD = "(a token)";

    /// Static secrets of ours, whole or cut, and signed tokens, whose header always begins with `{"`.
    private static final Pattern TOKEN = Pattern.compile("tr[dks]_[0-9A-Za-z]{6,}|eyJ[\\w.=-]{8,}");

    private Secrets() {}

    static boolean contains(String text) {
        return mayHold(text) && TOKEN.matcher(text).find();
    }

    /// @return the text with each token in it replaced
    static String without(String text) {
        return mayHold(text) ? TOKEN.matcher(text).replaceAll(INSTEAD) : text;
    }

    private static boolean mayHold(String text) {
        return text.contains("eyJ") || text.contains("trd_") || text.contains("trk_") || text.contains("trs_");
    }
}
