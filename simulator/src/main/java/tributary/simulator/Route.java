package tributary.simulator;

import java.util.List;

/// A closed way over waypoints.
final class Route {
    private static final double METRES_PER_DEGREE = 111_320;

    private final double[] latitudes;
    private final double[] longitudes;
    private final double[] metresTo;

    /// @param waypoints at least two of (latitude, longitude) in degrees; the way back to the first closes it
    Route(List<double[]> waypoints) {
        int count = waypoints.size();
        latitudes = new double[count + 1];
        longitudes = new double[count + 1];
        metresTo = new double[count + 1];
        for (int i = 0; i <= count; i++) {
            latitudes[i] = waypoints.get(i % count)[0];
            longitudes[i] = waypoints.get(i % count)[1];
            metresTo[i] = i == 0 ? 0 : metresTo[i - 1] + distance(i - 1, i);
        }
        if (metresTo[count] <= 0) {
            throw new IllegalArgumentException("the waypoints of a route are not all the same place");
        }
    }

    double metres() {
        return metresTo[metresTo.length - 1];
    }

    /// @param way  metres from the first waypoint, any number: it goes round
    /// @param back whether it is driven backwards, which turns the heading
    double at(double way, boolean back, Vehicle.Gives gives) {
        double round = way - metres() * StrictMath.floor(way / metres());
        int low = 0;
        int high = metresTo.length - 2;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (metresTo[middle] <= round) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        double length = metresTo[low + 1] - metresTo[low];
        double part = length == 0 ? 0 : Math.min(1, (round - metresTo[low]) / length);
        return switch (gives) {
            case LATITUDE -> latitudes[low] + part * (latitudes[low + 1] - latitudes[low]);
            case LONGITUDE -> longitudes[low] + part * (longitudes[low + 1] - longitudes[low]);
            case HEADING -> {
                double north = latitudes[low + 1] - latitudes[low];
                double east = (longitudes[low + 1] - longitudes[low]) * narrowing(low, low + 1);
                double degrees = StrictMath.toDegrees(StrictMath.atan2(east, north)) + (back ? 180 : 0);
                yield degrees - 360 * StrictMath.floor(degrees / 360);
            }
            case SPEED, ODOMETER, FUEL, ENGINE_TEMPERATURE ->
                throw new IllegalArgumentException("a route knows positions, not " + gives.word());
        };
    }

    private double distance(int from, int to) {
        double north = latitudes[to] - latitudes[from];
        double east = (longitudes[to] - longitudes[from]) * narrowing(from, to);
        return METRES_PER_DEGREE * StrictMath.sqrt(north * north + east * east);
    }

    private double narrowing(int from, int to) {
        return StrictMath.cos(StrictMath.toRadians((latitudes[from] + latitudes[to]) / 2));
    }
}
