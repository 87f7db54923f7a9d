package tributary.api;

import java.util.List;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The parameters `limit` and `after` that every long list has.
final class Paging {
    static final Route.Param AFTER =
            Route.Param.of("after", "continue behind this: the value of 'next' in the page before");

    private Paging() {}

    static Route.Param limit(int limitMax) {
        return Route.Param.of(
                "limit", new Schema.Text("a whole number from 1 to " + limitMax, 0, 10, "[1-9]\\d{0,8}", List.of()));
    }

    /// @throws ProblemException where the number is larger than allowed
    static int limit(Call call, int fallback, int limitMax) {
        String text = call.query("limit").orElse(Integer.toString(fallback));
        int limit = Integer.parseInt(text);
        if (limit > limitMax) {
            throw Flaws.parameter("limit", "must be a whole number from 1 to " + limitMax, text);
        }
        return limit;
    }

    /// A page of a list, and where the next one goes on.
    ///
    /// @param name  what the list is called
    /// @param found one more than `limit` where there is a next page
    /// @param place what [#AFTER] is to be behind an item
    static <T> ObjectNode page(
            String name, List<T> found, int limit, Function<T, ObjectNode> json, Function<T, String> place) {
        ObjectNode page = Json.object();
        ArrayNode items = page.putArray(name);
        List<T> shown = found.subList(0, Math.min(limit, found.size()));
        shown.forEach(item -> items.add(json.apply(item)));
        if (found.size() > limit) {
            page.put("next", place.apply(shown.getLast()));
        }
        return page;
    }
}
