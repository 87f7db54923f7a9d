package tributary.rules.function;

import java.util.List;
import java.util.Map;
import tributary.rules.value.Missing;

/// Places on earth: latitude before longitude, in degrees. A place is two numbers, or an object with `lat` and
/// `lon`.
final class GeoFunctions {
    private static final String BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz";

    private GeoFunctions() {}

    static void register(Functions all) {
        all.add("distance_m", 2, 4, a -> {
            Double[] p = places(a);
            return p.length == 4 ? Functions.of(Math.rint(Geo.metres(p[0], p[1], p[2], p[3]))) : Missing.UNDEFINED;
        });
        all.add("bearing", 2, 4, a -> {
            Double[] p = places(a);
            return p.length == 4 ? Functions.of(Geo.bearing(p[0], p[1], p[2], p[3])) : Missing.UNDEFINED;
        });
        all.add("inside", 2, 3, a -> {
            Object area = a[a.length - 1];
            Double[] p = places(a.length == 3 ? new Object[] {a[0], a[1]} : new Object[] {a[0]});
            return p.length == 2 ? Geo.inside(p[0], p[1], area) : Missing.UNDEFINED;
        });
        all.add("geohash", 2, 3, a -> {
            Long length = Functions.whole(a, 2, 12);
            Double[] p = places(new Object[] {a[0], a[1]});
            return p.length == 2 && length != null && length >= 1 && length <= 12
                    ? geohash(p[0], p[1], length.intValue())
                    : Missing.UNDEFINED;
        });
    }

    /// Latitudes and longitudes in turn; none at all where an argument is no place.
    private static Double[] places(Object[] a) {
        Double[] flat = new Double[a.length * 2];
        int count = 0;
        for (Object value : a) {
            if (value instanceof Map || value instanceof List) {
                flat[count++] = Geo.latitude(value);
                flat[count++] = Geo.longitude(value);
            } else {
                flat[count++] = Functions.real(value);
            }
        }
        Double[] all = new Double[count];
        for (int i = 0; i < count; i++) {
            double max = i % 2 == 0 ? 90 : 180;
            if (!(Math.abs(flat[i]) <= max)) {
                return new Double[0];
            }
            all[i] = flat[i];
        }
        return all;
    }

    private static String geohash(double lat, double lon, int length) {
        double south = -90;
        double north = 90;
        double west = -180;
        double east = 180;
        StringBuilder out = new StringBuilder();
        int bits = 0;
        for (int i = 0; out.length() < length; i++) {
            boolean high;
            if (i % 2 == 0) {
                double middle = (west + east) / 2;
                high = lon >= middle;
                west = high ? middle : west;
                east = high ? east : middle;
            } else {
                double middle = (south + north) / 2;
                high = lat >= middle;
                south = high ? middle : south;
                north = high ? north : middle;
            }
            bits = bits * 2 + (high ? 1 : 0);
            if (i % 5 == 4) {
                out.append(BASE32.charAt(bits));
                bits = 0;
            }
        }
        return out.toString();
    }
}
