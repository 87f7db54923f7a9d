/// The values that rules work on: JSON's, plus Undefined; how they convert, compare, print and are kept.
@NullMarked
package tributary.rules.value;

import org.jspecify.annotations.NullMarked;
