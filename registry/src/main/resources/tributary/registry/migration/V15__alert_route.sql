-- Sinks that every alert of a tenant goes to, whatever its rule says.
CREATE TABLE alert_route (
    tenant ${name} NOT NULL,
    sink   ${name} NOT NULL,
    PRIMARY KEY (tenant, sink),
    FOREIGN KEY (tenant, sink) REFERENCES sink (tenant, name)
);
