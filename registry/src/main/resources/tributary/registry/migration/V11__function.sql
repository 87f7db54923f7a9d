-- Functions that rules call, the current version of each, and the texts that it had. text: JavaScript.
CREATE TABLE function (
    tenant      ${name} NOT NULL REFERENCES tenant (id),
    name        ${name} NOT NULL,
    version     INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE function_version (
    tenant      ${name} NOT NULL,
    name        ${name} NOT NULL,
    version     INTEGER NOT NULL,
    text        TEXT    NOT NULL,
    saved       BIGINT  NOT NULL,
    saved_by    TEXT    NOT NULL,
    PRIMARY KEY (tenant, name, version),
    FOREIGN KEY (tenant, name) REFERENCES function (tenant, name) ON DELETE CASCADE
);
