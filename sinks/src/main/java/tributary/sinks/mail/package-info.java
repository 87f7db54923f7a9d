/// Sinks that send e-mail.
@NullMarked
package tributary.sinks.mail;

import org.jspecify.annotations.NullMarked;
