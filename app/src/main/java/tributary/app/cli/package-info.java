/// The command line: one class a command, and the REST client that they share.
@NullMarked
package tributary.app.cli;

import org.jspecify.annotations.NullMarked;
