/// Sinks that write rows into PostgreSQL.
@NullMarked
package tributary.sinks.postgres;

import org.jspecify.annotations.NullMarked;
