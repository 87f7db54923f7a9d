-- Authorities that tenants brought for the certificates of their devices. certificate: DER in base64. public: SHA-256 in
-- hex of its public key; one authority belongs to one tenant. listed: when the revocation list in use was made.
CREATE TABLE authority (
    id          ${name} PRIMARY KEY,
    tenant      ${name} NOT NULL REFERENCES tenant (id),
    title       TEXT    NOT NULL,
    certificate TEXT    NOT NULL,
    public      ${name} NOT NULL UNIQUE,
    created     BIGINT  NOT NULL,
    listed      BIGINT
);

CREATE INDEX authority_tenant ON authority (tenant, created);

-- mark: serial:<hex> or sha256:<hex> where an owner revoked it, listed:<hex serial> where the revocation list has it.
CREATE TABLE revoked_certificate (
    authority ${name} NOT NULL REFERENCES authority (id) ON DELETE CASCADE,
    mark      ${name} NOT NULL,
    revoked   BIGINT  NOT NULL,
    PRIMARY KEY (authority, mark)
);
