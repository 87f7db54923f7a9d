-- Tenants that were removed. erased: when nothing of what they sent was left, or NULL; until then nobody gets the name.
CREATE TABLE removed_tenant (
    id      ${name} PRIMARY KEY,
    removed BIGINT  NOT NULL,
    erased  BIGINT
);

-- Signed tokens of tenants that were removed: worth nothing, whoever gets the name next, until they would have expired.
CREATE TABLE removed_token (
    id      ${name} PRIMARY KEY,
    expires BIGINT  NOT NULL
);
