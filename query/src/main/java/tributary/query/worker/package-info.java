/// The worker process: one tenant's locked SQL engine, walled in by the allow-list before it and the system around it.
@NullMarked
package tributary.query.worker;

import org.jspecify.annotations.NullMarked;
