/// Backup and restore of a data folder.
@NullMarked
package tributary.app.backup;

import org.jspecify.annotations.NullMarked;
