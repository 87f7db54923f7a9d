-- Statements that a tenant keeps by name. parameters: a JSON object of name to default value.
CREATE TABLE saved_query (
    tenant      ${name} NOT NULL REFERENCES tenant (id),
    name        ${name} NOT NULL,
    statement   TEXT    NOT NULL,
    description TEXT    NOT NULL,
    parameters  TEXT    NOT NULL,
    changed     BIGINT  NOT NULL,
    PRIMARY KEY (tenant, name)
);
