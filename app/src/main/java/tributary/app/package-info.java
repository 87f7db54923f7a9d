/// Main, configuration, command line: the only module that knows every adapter.
@NullMarked
package tributary.app;

import org.jspecify.annotations.NullMarked;
