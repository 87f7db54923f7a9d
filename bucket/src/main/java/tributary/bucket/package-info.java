/// A bucket that speaks S3's protocol: whole objects in and out, nothing of what is in them.
@NullMarked
package tributary.bucket;

import org.jspecify.annotations.NullMarked;
