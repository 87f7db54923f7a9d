/// Sinks that speak HTTP: webhooks of any kind, Slack and what understands the same, ntfy.
@NullMarked
package tributary.sinks.http;

import org.jspecify.annotations.NullMarked;
