/// The server: its configuration, its composition root and its life.
@NullMarked
package tributary.app.server;

import org.jspecify.annotations.NullMarked;
