/// REST, live streams, OpenAPI, sign-in.
@NullMarked
package tributary.api;

import org.jspecify.annotations.NullMarked;
