/// TLS for every door: the server's certificate, kept fresh, and certificates to begin with.
@NullMarked
package tributary.gateway.tls;

import org.jspecify.annotations.NullMarked;
