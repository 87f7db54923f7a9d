/// Tenants, users, devices, sensors, credentials.
@NullMarked
package tributary.registry;

import org.jspecify.annotations.NullMarked;
