package tributary.rules.syntax;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tributary.rules.syntax.Select.Foreach;
import tributary.rules.syntax.Select.Item;

/// `unnest(list)` as a column of its own gives a row for each item of the list, as FOREACH does; inside an expression,
/// beside another one, and over windows and joins it is the list.
///
/// @param items   with the item in its place
/// @param foreach what is gone through, or null
record Unnest(List<Item> items, @Nullable Foreach foreach) {
    /// No name that can be written.
    private static final String ELEMENT = " item";

    static Unnest of(List<Item> items) {
        List<Item> changed = new ArrayList<>();
        Expr.Call found = null;
        int count = 0;
        for (Item item : items) {
            Expr.Call call = call(item);
            if (call == null) {
                changed.add(item);
                continue;
            }
            found = call;
            count++;
            Expr element = new Expr.Name(call.pos(), ELEMENT);
            changed.add(
                    item instanceof Item.Column column
                            ? new Item.Column(column.pos(), element, column.name(), column.named())
                            : new Item.Spread(item.pos(), element));
        }
        return found == null || count > 1
                ? new Unnest(items, null)
                : new Unnest(List.copyOf(changed), new Foreach(found.args().getFirst(), ELEMENT, null));
    }

    private static Expr.@Nullable Call call(Item item) {
        Expr expr = switch (item) {
            case Item.Column column -> column.expr();
            case Item.Spread spread -> spread.base();
            case Item.All _ -> null;
        };
        return expr instanceof Expr.Call call
                        && call.name().equals("unnest")
                        && call.args().size() == 1
                        && call.over() == null
                ? call
                : null;
    }
}
