-- Rules, the current version of each. actions: lines of a letter (T topic, S sink) and where to.
CREATE TABLE rule (
    tenant      ${name} NOT NULL REFERENCES tenant (id),
    name        ${name} NOT NULL,
    version     INTEGER NOT NULL,
    state       TEXT    NOT NULL,
    created     BIGINT  NOT NULL,
    changed     BIGINT  NOT NULL,
    changed_by  TEXT    NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE rule_version (
    tenant      ${name} NOT NULL,
    name        ${name} NOT NULL,
    version     INTEGER NOT NULL,
    statement   TEXT    NOT NULL,
    sql_version TEXT    NOT NULL,
    zone        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    actions     TEXT    NOT NULL,
    saved       BIGINT  NOT NULL,
    saved_by    TEXT    NOT NULL,
    PRIMARY KEY (tenant, name, version),
    FOREIGN KEY (tenant, name) REFERENCES rule (tenant, name) ON DELETE CASCADE
);
