/// Who hears what: subscriptions and sessions.
@NullMarked
package tributary.broker;

import org.jspecify.annotations.NullMarked;
