/// SQL on the stream: rules compiled once, windows, joins and alerts with state that can be written down.
@NullMarked
package tributary.rules;

import org.jspecify.annotations.NullMarked;
