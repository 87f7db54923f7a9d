-- Where outputs of rules go. id: of this definition's life, never used again. config: a JSON object.
CREATE TABLE sink (
    tenant  ${name} NOT NULL REFERENCES tenant (id),
    name    ${name} NOT NULL,
    id      ${name} NOT NULL UNIQUE,
    type    ${name} NOT NULL,
    config  TEXT    NOT NULL,
    changed BIGINT  NOT NULL,
    PRIMARY KEY (tenant, name)
);

-- What a sink proves itself with; apart from the definition, so that nobody shows it by mistake.
CREATE TABLE sink_secret (
    sink  ${name} NOT NULL REFERENCES sink (id),
    name  ${name} NOT NULL,
    value TEXT    NOT NULL,
    PRIMARY KEY (sink, name)
);

-- What a sink could not deliver. position: of the parcel, its name for people. parcel: a JSON object.
CREATE TABLE dead_letter (
    sink     ${name} NOT NULL REFERENCES sink (id),
    position BIGINT  NOT NULL,
    bytes    BIGINT  NOT NULL,
    parcel   TEXT    NOT NULL,
    reason   TEXT    NOT NULL,
    attempts INTEGER NOT NULL,
    at       BIGINT  NOT NULL,
    PRIMARY KEY (sink, position)
);
