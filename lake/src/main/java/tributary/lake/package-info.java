/// Decode, hot tail, Parquet files, Iceberg snapshots.
@NullMarked
package tributary.lake;

import org.jspecify.annotations.NullMarked;
