/// Seeded devices that look real.
@NullMarked
package tributary.simulator;

import org.jspecify.annotations.NullMarked;
