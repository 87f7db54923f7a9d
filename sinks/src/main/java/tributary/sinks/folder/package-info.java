/// Sinks that write files.
@NullMarked
package tributary.sinks.folder;

import org.jspecify.annotations.NullMarked;
