package tributary.rules.value;

/// The two ways of not being there. A key that is absent is [#UNDEFINED], one that holds JSON's null is
/// [#NULL].
///
/// All other values are `Long`, `Double`, `BigDecimal`, `Boolean`, `String`, `List`, `Map` and, for a payload
/// that is not JSON, `byte[]`.
public enum Missing {
    /// Not there: a key that the message lacks, a wrong argument. It vanishes from outputs.
    UNDEFINED,
    /// There, and null.
    NULL;

    /// @return whether `value` is neither null nor undefined
    public static boolean present(Object value) {
        return !(value instanceof Missing);
    }
}
