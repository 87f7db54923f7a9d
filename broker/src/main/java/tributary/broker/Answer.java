package tributary.broker;

/// What became of an answer of the client: PUBACK, PUBREC or PUBCOMP.
enum Answer {
    TAKEN,
    UNKNOWN,
    UNEXPECTED
}
