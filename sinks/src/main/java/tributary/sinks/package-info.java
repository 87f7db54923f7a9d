/// Where outputs of rules go.
@NullMarked
package tributary.sinks;

import org.jspecify.annotations.NullMarked;
