/// The functions that need nothing but their arguments.
@NullMarked
package tributary.rules.function;

import org.jspecify.annotations.NullMarked;
