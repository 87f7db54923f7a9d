/// How rows are written: JSON, CSV and Parquet out of an Arrow stream.
@NullMarked
package tributary.query.format;

import org.jspecify.annotations.NullMarked;
