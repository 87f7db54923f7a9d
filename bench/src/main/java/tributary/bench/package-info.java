/// Load generator and end-to-end numbers.
@NullMarked
package tributary.bench;

import org.jspecify.annotations.NullMarked;
