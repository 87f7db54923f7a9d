-- Links that show a dashboard without an account. secret: SHA-256 of the link's, in hex. held: JSON, what its variables hold.
CREATE TABLE dashboard_share (
    secret      TEXT    NOT NULL PRIMARY KEY,
    tenant      ${name} NOT NULL,
    name        ${name} NOT NULL,
    held        TEXT    NOT NULL,
    created     BIGINT  NOT NULL,
    created_by  TEXT    NOT NULL,
    expires     BIGINT  NOT NULL,
    FOREIGN KEY (tenant, name) REFERENCES dashboard (tenant, name) ON DELETE CASCADE
);
