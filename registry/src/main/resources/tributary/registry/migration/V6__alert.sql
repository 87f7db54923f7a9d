-- Alerts, one a rule, name and key. alert_key: as JSON. payload: what the rule said last. Moments: milliseconds.
CREATE TABLE alert (
    tenant       ${name} NOT NULL REFERENCES tenant (id),
    rule         ${name} NOT NULL,
    name         ${name} NOT NULL,
    alert_key    ${name} NOT NULL,
    state        TEXT    NOT NULL,
    severity     TEXT    NOT NULL,
    device       TEXT    NOT NULL,
    payload      TEXT    NOT NULL,
    raises       BIGINT  NOT NULL,
    first_raised BIGINT  NOT NULL,
    raised       BIGINT  NOT NULL,
    changed      BIGINT  NOT NULL,
    acked_by     TEXT    NOT NULL,
    acked        BIGINT  NOT NULL,
    PRIMARY KEY (tenant, rule, name, alert_key)
);

CREATE INDEX alert_by_state ON alert (tenant, state, raised);

-- How far the outbox of rules is in the table: written with what it brought.
CREATE TABLE alert_position (
    id       INTEGER NOT NULL PRIMARY KEY,
    position BIGINT  NOT NULL
);
