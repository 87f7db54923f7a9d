/// The doors mqtt, http, ws and the one Intake they share.
@NullMarked
package tributary.gateway;

import org.jspecify.annotations.NullMarked;
