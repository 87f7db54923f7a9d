/// The text of a rule: tokens, the tree, and what is wrong with it by line and column.
@NullMarked
package tributary.rules.syntax;

import org.jspecify.annotations.NullMarked;
