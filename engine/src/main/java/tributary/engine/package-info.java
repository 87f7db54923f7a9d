/// Rules at work: they read the log, and what they say is durable before anybody sees it.
@NullMarked
package tributary.engine;

import org.jspecify.annotations.NullMarked;
