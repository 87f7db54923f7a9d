/// Functions that tenants write in JavaScript, each in a box that it cannot leave.
@NullMarked
package tributary.script;

import org.jspecify.annotations.NullMarked;
