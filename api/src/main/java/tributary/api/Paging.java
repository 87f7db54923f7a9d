package tributary.api;

import java.util.List;

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
}
