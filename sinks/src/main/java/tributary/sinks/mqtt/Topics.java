package tributary.sinks.mqtt;

/// Topics that payloads have a part in.
final class Topics {
    private Topics() {}

    /// @return whether it has a wildcard outside of its places
    static boolean wild(String template) {
        String plain = template.replaceAll("\\$\\{[^}]*}", "");
        return plain.indexOf('+') >= 0 || plain.indexOf('#') >= 0 || plain.indexOf(0) >= 0;
    }

    /// Makes a value one level or a part of one: what has a meaning in topics becomes `_`.
    static String level(String value) {
        StringBuilder level = new StringBuilder();
        value.codePoints()
                .map(c -> c == '/' || c == '+' || c == '#' || c == '$' || Character.isISOControl(c) ? '_' : c)
                .forEach(level::appendCodePoint);
        return level.toString();
    }
}
