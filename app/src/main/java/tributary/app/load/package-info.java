/// Brings files of readings into a server.
@NullMarked
package tributary.app.load;

import org.jspecify.annotations.NullMarked;
