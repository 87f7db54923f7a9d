-- Tables that rules look into. rows: a JSON array of objects. revision: one more with each change.
CREATE TABLE lookup_table (
    tenant    ${name} NOT NULL REFERENCES tenant (id),
    name      ${name} NOT NULL,
    revision  BIGINT  NOT NULL,
    rows      TEXT    NOT NULL,
    row_count INTEGER NOT NULL,
    saved     BIGINT  NOT NULL,
    saved_by  TEXT    NOT NULL,
    PRIMARY KEY (tenant, name)
);
