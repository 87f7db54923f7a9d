-- The lives of alerts, change by change. sequence: grows within a tenant. who: did it, or '' for the rule itself.
CREATE TABLE alert_event (
    tenant    ${name} NOT NULL REFERENCES tenant (id),
    sequence  BIGINT  NOT NULL,
    rule      ${name} NOT NULL,
    name      ${name} NOT NULL,
    alert_key ${name} NOT NULL,
    what      TEXT    NOT NULL,
    severity  TEXT    NOT NULL,
    device    ${name} NOT NULL,
    payload   TEXT    NOT NULL,
    at        BIGINT  NOT NULL,
    who       TEXT    NOT NULL,
    silenced  INTEGER NOT NULL,
    PRIMARY KEY (tenant, sequence)
);

CREATE INDEX alert_event_by_alert ON alert_event (tenant, rule, name, alert_key, sequence);

CREATE INDEX alert_event_by_device ON alert_event (tenant, device, sequence);

-- silenced: whether a silence covered its last change. ended_by: who replaced or switched off the rule that raised it.
ALTER TABLE alert ADD COLUMN silenced INTEGER NOT NULL DEFAULT 0;

ALTER TABLE alert ADD COLUMN ended_by TEXT NOT NULL DEFAULT '';

-- Times in which alerts are kept and go nowhere: of a device, of a type, or of a label and its value. Moments: milliseconds.
CREATE TABLE silence (
    id         ${name} NOT NULL PRIMARY KEY,
    tenant     ${name} NOT NULL REFERENCES tenant (id),
    kind       TEXT    NOT NULL,
    what       TEXT    NOT NULL,
    begins     BIGINT  NOT NULL,
    ends       BIGINT  NOT NULL,
    reason     TEXT    NOT NULL,
    created    BIGINT  NOT NULL,
    created_by TEXT    NOT NULL
);

CREATE INDEX silence_by_tenant ON silence (tenant, ends);
