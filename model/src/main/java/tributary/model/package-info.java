/// The nouns: tenants, devices, topics, messages, readings. Records only.
@NullMarked
package tributary.model;

import org.jspecify.annotations.NullMarked;
