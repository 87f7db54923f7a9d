/// REST, live streams, OpenAPI, sign-in: what people and applications ask over HTTP.
@NullMarked
package tributary.api;

import org.jspecify.annotations.NullMarked;
