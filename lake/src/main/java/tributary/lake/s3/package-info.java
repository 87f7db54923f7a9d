/// A bucket that speaks S3's protocol: whole objects in and out, nothing of the lake.
@NullMarked
package tributary.lake.s3;

import org.jspecify.annotations.NullMarked;
