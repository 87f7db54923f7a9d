-- One schema for SQLite and PostgreSQL. ${name} is TEXT, compared byte by byte, on either; times are microseconds
-- since 1970 UTC; lists and maps without a table of their own are JSON text.

CREATE TABLE tenant (
    id      ${name} PRIMARY KEY,
    title   TEXT    NOT NULL,
    created BIGINT  NOT NULL
);

CREATE TABLE device (
    tenant   ${name} NOT NULL REFERENCES tenant (id),
    id       ${name} NOT NULL,
    parent   ${name},
    type     TEXT    NOT NULL,
    metadata TEXT    NOT NULL,
    created  BIGINT  NOT NULL,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, parent) REFERENCES device (tenant, id)
);

CREATE INDEX device_parent ON device (tenant, parent, id);

CREATE TABLE device_label (
    tenant ${name} NOT NULL,
    device ${name} NOT NULL,
    name   ${name} NOT NULL,
    value  ${name} NOT NULL,
    PRIMARY KEY (tenant, device, name),
    FOREIGN KEY (tenant, device) REFERENCES device (tenant, id) ON DELETE CASCADE
);

CREATE INDEX device_label_value ON device_label (tenant, name, value, device);

CREATE TABLE sensor (
    tenant     ${name} NOT NULL,
    device     ${name} NOT NULL,
    path       ${name} NOT NULL,
    kind       TEXT    NOT NULL,
    unit       TEXT    NOT NULL,
    low        DOUBLE PRECISION,
    high       DOUBLE PRECISION,
    first_seen BIGINT  NOT NULL,
    PRIMARY KEY (tenant, device, path),
    FOREIGN KEY (tenant, device) REFERENCES device (tenant, id) ON DELETE CASCADE
);

-- kind: token, jwt or key. secret: SHA-256 in hex of a static secret; a JWT has none. A row outlives its device, so
-- that a revoked JWT stays revoked until it expires.
CREATE TABLE credential (
    id        ${name} PRIMARY KEY,
    tenant    ${name} NOT NULL REFERENCES tenant (id),
    kind      TEXT    NOT NULL,
    device    ${name},
    title     TEXT    NOT NULL,
    role      TEXT    NOT NULL,
    publish   TEXT    NOT NULL,
    subscribe TEXT    NOT NULL,
    secret    ${name} UNIQUE,
    issued    BIGINT  NOT NULL,
    expires   BIGINT,
    revoked   BIGINT
);

CREATE INDEX credential_device ON credential (tenant, device, issued);

-- public: the SubjectPublicKeyInfo in base64. The private half is a file. retired: tokens signed with the key are good
-- until then; null for the key that signs.
CREATE TABLE signing_key (
    id        ${name} PRIMARY KEY,
    algorithm TEXT    NOT NULL,
    public    TEXT    NOT NULL,
    created   BIGINT  NOT NULL,
    retired   BIGINT
);

-- password: Argon2id with its parameters and salt, in the usual text form.
CREATE TABLE person (
    id       BIGINT  PRIMARY KEY,
    tenant   ${name} NOT NULL REFERENCES tenant (id),
    name     ${name} NOT NULL UNIQUE,
    password TEXT    NOT NULL,
    role     TEXT    NOT NULL,
    created  BIGINT  NOT NULL
);

-- secret: SHA-256 in hex of what the cookie carries. person is null for a session that a one-time link opened.
CREATE TABLE session (
    secret  ${name} PRIMARY KEY,
    tenant  ${name} NOT NULL REFERENCES tenant (id),
    person  BIGINT  REFERENCES person (id) ON DELETE CASCADE,
    role    TEXT    NOT NULL,
    created BIGINT  NOT NULL,
    expires BIGINT  NOT NULL
);

CREATE INDEX session_person ON session (person, created);

-- Numbers given out once each.
CREATE TABLE counter (
    name  ${name} PRIMARY KEY,
    value BIGINT  NOT NULL
);
