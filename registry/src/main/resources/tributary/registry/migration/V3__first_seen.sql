-- first_seen: when something first came from the device itself, or NULL. Known before only by what its sensors said.
ALTER TABLE device ADD COLUMN first_seen BIGINT;

UPDATE device SET first_seen = (
    SELECT MIN(sensor.first_seen) FROM sensor WHERE sensor.tenant = device.tenant AND sensor.device = device.id);
