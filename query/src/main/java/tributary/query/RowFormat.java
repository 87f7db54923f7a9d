package tributary.query;

/// How rows travel.
public enum RowFormat {
    /// `{"columns":[{"name":..,"type":..}],"rows":[[..]],"rowCount":n}`; times as ISO 8601 UTC.
    JSON("application/json"),
    /// One JSON object a line.
    NDJSON("application/x-ndjson"),
    /// RFC 4180 with a header; cells that a spreadsheet would run are escaped.
    CSV("text/csv; charset=utf-8"),
    /// Arrow IPC stream.
    ARROW("application/vnd.apache.arrow.stream"),
    /// A Parquet file.
    PARQUET("application/vnd.apache.parquet");

    private final String mediaType;

    RowFormat(String mediaType) {
        this.mediaType = mediaType;
    }

    /// @return its MIME type
    public String mediaType() {
        return mediaType;
    }
}
