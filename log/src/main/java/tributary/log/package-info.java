/// The durable ordered log.
@NullMarked
package tributary.log;

import org.jspecify.annotations.NullMarked;
