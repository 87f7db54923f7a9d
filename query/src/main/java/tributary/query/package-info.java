/// SQL for a tenant, series reads, down-sampling.
@NullMarked
package tributary.query;

import org.jspecify.annotations.NullMarked;
