package tributary.simulator;

import java.util.List;
import java.util.Locale;

/// A vehicle that follows waypoints round and round while it is on, halting about every ninety seconds.
///
/// Between two halts its speed rises and falls like 1 - cos; the way driven is the integral of that, so
/// position, speed, odometer and fuel agree with each other at every tick without adding up the past. All
/// vehicle signals of a device share one key: they describe one vehicle.
///
/// @param routes the vehicle takes one of them for good, in one of the two directions
/// @param speed  mean of the mean speeds in m/s; each vehicle has its own within ±25 %
/// @param gives  which number of the vehicle this is
record Vehicle(long salt, List<Route> routes, double speed, Gives gives) implements Signal {
    private static final double HALT_EVERY_SECONDS = 90;
    private static final double TANK_METRES = 600_000;
    private static final double COLD = 18;
    private static final double HOT = 91;
    private static final double WARM_UP_SECONDS = 240;
    private static final double COOL_DOWN_SECONDS = 2400;

    /// What of the vehicle a sensor shows.
    enum Gives {
        LATITUDE,
        LONGITUDE,
        SPEED,
        HEADING,
        ODOMETER,
        FUEL,
        ENGINE_TEMPERATURE;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    @Override
    public double at(Track track, long tick) {
        long key = track.key(salt);
        Rhythm rhythm = track.rhythm();
        long since = rhythm.sinceStart(track.key(0), tick);
        long on = Math.clamp(since, 0, rhythm.onTicks());
        double own = speed * (0.75 + 0.5 * Chance.unit(key, 1));
        double tickSeconds = track.tickSeconds();
        double legs = Math.max(1, Math.rint(rhythm.onTicks() * tickSeconds / HALT_EVERY_SECONDS));
        double legTicks = rhythm.onTicks() / legs;
        double turns = on / legTicks;
        turns -= StrictMath.floor(turns);
        return switch (gives) {
            case SPEED ->
                since < 0 || since >= rhythm.onTicks() ? 0 : 3.6 * own * (1 - StrictMath.cos(2 * Math.PI * turns));
            case ENGINE_TEMPERATURE -> engineTemperature(since * tickSeconds, rhythm.onTicks() * tickSeconds);
            case ODOMETER ->
                Chance.unit(key, 2) * 180_000 + metres(rhythm, track, tick, own, on, legTicks, turns) / 1000;
            case FUEL -> {
                double tanks =
                        metres(rhythm, track, tick, own, on, legTicks, turns) / TANK_METRES + Chance.unit(key, 3);
                yield 100 - 92 * (tanks - StrictMath.floor(tanks));
            }
            case LATITUDE, LONGITUDE, HEADING -> {
                Route route = routes.get((int) (Chance.unit(key, 4) * routes.size()));
                boolean back = Chance.unit(key, 5) < 0.5;
                double way =
                        metres(rhythm, track, tick, own, on, legTicks, turns) + Chance.unit(key, 6) * route.metres();
                yield route.at(back ? -way : way, back, gives);
            }
        };
    }

    private static double metres(
            Rhythm rhythm, Track track, long tick, double own, long on, double legTicks, double turns) {
        double ticks = rhythm.onBefore(track.key(0), tick)
                + on
                - legTicks / (2 * Math.PI) * StrictMath.sin(2 * Math.PI * turns);
        return own * track.tickSeconds() * ticks;
    }

    private static double engineTemperature(double seconds, double onSeconds) {
        if (seconds < 0) {
            return COLD;
        }
        double warm = (HOT - COLD) * (1 - StrictMath.exp(-Math.min(seconds, onSeconds) / WARM_UP_SECONDS));
        double cooled = seconds <= onSeconds ? 1 : StrictMath.exp(-(seconds - onSeconds) / COOL_DOWN_SECONDS);
        return COLD + warm * cooled;
    }
}
