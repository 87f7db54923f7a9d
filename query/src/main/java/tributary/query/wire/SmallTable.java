package tributary.query.wire;

/// Tables that are sent whole when they changed.
public enum SmallTable {
    DEVICES(
            "devices_in",
            "id VARCHAR, parent VARCHAR, type VARCHAR, labels VARCHAR, metadata VARCHAR, created TIMESTAMP",
            "TTTTTM",
            "CREATE OR REPLACE TABLE main.devices AS SELECT id, parent, type,"
                    + " CAST(CAST(labels AS JSON) AS MAP(VARCHAR, VARCHAR)) AS labels,"
                    + " CAST(metadata AS JSON) AS metadata, created FROM feed.devices_in"),
    SENSORS(
            "sensors_in",
            "device VARCHAR, sensor VARCHAR, kind VARCHAR, unit VARCHAR, min DOUBLE, max DOUBLE, first_seen TIMESTAMP",
            "TTTTDDM",
            "CREATE OR REPLACE TABLE main.sensors AS SELECT * FROM feed.sensors_in"),
    ALERTS(
            "alerts_in",
            "rule VARCHAR, name VARCHAR, key VARCHAR, state VARCHAR, severity VARCHAR, device VARCHAR, payload VARCHAR,"
                    + " raises BIGINT, first_raised TIMESTAMP, raised TIMESTAMP, changed TIMESTAMP,"
                    + " acknowledged_by VARCHAR, acknowledged TIMESTAMP, ended_by VARCHAR, silenced BOOLEAN",
            "TTTTTTTLMMMTMTF",
            "CREATE OR REPLACE TABLE main.alerts AS SELECT * FROM feed.alerts_in");

    private final String table;
    private final String columns;
    private final String shape;
    private final String publish;

    SmallTable(String table, String columns, String shape, String publish) {
        this.table = table;
        this.columns = columns;
        this.shape = shape;
        this.publish = publish;
    }

    /// @return where rows arrive
    public String table() {
        return table;
    }

    /// @return the columns as SQL
    public String columns() {
        return columns;
    }

    /// @return a letter a column: `T` text, `B` bytes, `D` double, `I` int, `L` long, `M` moment in microseconds
    public String shape() {
        return shape;
    }

    /// @return the statement that shows what arrived
    public String publish() {
        return publish;
    }
}
