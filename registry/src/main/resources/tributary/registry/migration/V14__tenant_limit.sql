-- Limits of one tenant in place of those of the settings. name: as people write it, TenantLimits.Limit; value: 0 may mean none.
CREATE TABLE tenant_limit (
    tenant ${name} NOT NULL REFERENCES tenant (id),
    name   ${name} NOT NULL,
    value  BIGINT  NOT NULL,
    PRIMARY KEY (tenant, name)
);
