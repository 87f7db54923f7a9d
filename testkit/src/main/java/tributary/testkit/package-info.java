/// Simulated world for tests: disk, clock, chance; contract suites.
@NullMarked
package tributary.testkit;

import org.jspecify.annotations.NullMarked;
