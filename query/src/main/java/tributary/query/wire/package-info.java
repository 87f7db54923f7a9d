/// What main process and worker say to each other: frames over the worker's standard input and output.
@NullMarked
package tributary.query.wire;

import org.jspecify.annotations.NullMarked;
