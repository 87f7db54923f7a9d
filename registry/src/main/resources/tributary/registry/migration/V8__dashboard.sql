-- Dashboards, the current version of each, and the texts that it had. text: YAML.
CREATE TABLE dashboard (
    tenant      ${name} NOT NULL REFERENCES tenant (id),
    name        ${name} NOT NULL,
    version     INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE dashboard_version (
    tenant      ${name} NOT NULL,
    name        ${name} NOT NULL,
    version     INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    text        TEXT    NOT NULL,
    saved       BIGINT  NOT NULL,
    saved_by    TEXT    NOT NULL,
    PRIMARY KEY (tenant, name, version),
    FOREIGN KEY (tenant, name) REFERENCES dashboard (tenant, name) ON DELETE CASCADE
);
