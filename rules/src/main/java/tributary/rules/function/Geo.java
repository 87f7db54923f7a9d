package tributary.rules.function;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tributary.rules.value.Missing;

/// Distances and areas on a sphere.
public final class Geo {
    /// Mean radius of the earth in metres (IUGG).
    private static final double RADIUS = 6_371_008.8;

    private Geo() {}

    /// @return the length of the great circle between two places, by the haversine formula
    public static double metres(double lat1, double lon1, double lat2, double lon2) {
        double dLat = Math.toRadians(lat2 - lat1);
        double dLon = Math.toRadians(lon2 - lon1);
        double h = Math.pow(Math.sin(dLat / 2), 2)
                + Math.cos(Math.toRadians(lat1)) * Math.cos(Math.toRadians(lat2)) * Math.pow(Math.sin(dLon / 2), 2);
        return 2 * RADIUS * Math.asin(Math.min(1, Math.sqrt(h)));
    }

    /// @return the direction in which the second place lies from the first, 0 to 360 from north by east
    static double bearing(double lat1, double lon1, double lat2, double lon2) {
        double from = Math.toRadians(lat1);
        double to = Math.toRadians(lat2);
        double dLon = Math.toRadians(lon2 - lon1);
        double y = Math.sin(dLon) * Math.cos(to);
        double x = Math.cos(from) * Math.sin(to) - Math.sin(from) * Math.cos(to) * Math.cos(dLon);
        return (Math.toDegrees(Math.atan2(y, x)) + 360) % 360;
    }

    /// @return latitude and longitude of a place, or nothing where it is none
    public static double[] place(Object place) {
        double lat = latitude(place);
        double lon = longitude(place);
        return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? new double[] {lat, lon} : new double[0];
    }

    static double latitude(Object place) {
        return coordinate(place, 0, "lat", "latitude");
    }

    static double longitude(Object place) {
        Object lng = Access.key(place, "lng");
        return lng == Missing.UNDEFINED ? coordinate(place, 1, "lon", "longitude") : Functions.real(lng);
    }

    private static double coordinate(Object place, int index, String name, String longName) {
        if (place instanceof List<?> pair) {
            return pair.size() >= 2 ? Functions.real(pair.get(index)) : Double.NaN;
        }
        Object value = Access.key(place, name);
        return Functions.real(value == Missing.UNDEFINED ? Access.key(place, longName) : value);
    }

    /// Whether a place is inside an area: an array of places, a circle `{'lat', 'lon', 'radius'}` in metres, or
    /// GeoJSON.
    ///
    /// @return true or false, or undefined where the area is none
    public static Object inside(double lat, double lon, Object area) {
        if (area instanceof Map<?, ?> map) {
            if (map.get("coordinates") instanceof List<?> coordinates) {
                return geoJson(lat, lon, String.valueOf(map.get("type")), coordinates);
            }
            double radius = Functions.real(Access.key(area, "radius"));
            double toCentre = metres(lat, lon, latitude(area), longitude(area));
            return Double.isNaN(radius) || Double.isNaN(toCentre) ? Missing.UNDEFINED : (Object) (toCentre <= radius);
        }
        return area instanceof List<?> ring ? inRing(lat, lon, ring) : Missing.UNDEFINED;
    }

    private static Object geoJson(double lat, double lon, String type, List<?> coordinates) {
        if (type.equals("MultiPolygon")) {
            for (Object polygon : coordinates) {
                if (polygon instanceof List<?> rings && geoJson(lat, lon, "Polygon", rings) == Boolean.TRUE) {
                    return true;
                }
            }
            return false;
        }
        if (!type.equals("Polygon") || coordinates.isEmpty() || !(coordinates.getFirst() instanceof List<?>)) {
            return Missing.UNDEFINED;
        }
        // GeoJSON has longitude first, and holes after the outer ring.
        boolean in = false;
        for (int i = 0; i < coordinates.size(); i++) {
            List<Object> ring = new ArrayList<>();
            if (coordinates.get(i) instanceof List<?> points) {
                points.forEach(point ->
                        ring.add(point instanceof List<?> p && p.size() >= 2 ? List.of(p.get(1), p.get(0)) : point));
            }
            Object here = inRing(lat, lon, ring);
            if (i == 0 && here != Boolean.TRUE) {
                return here;
            }
            in = i == 0 || in && here != Boolean.TRUE;
        }
        return in;
    }

    private static Object inRing(double lat, double lon, List<?> ring) {
        if (ring.size() < 3) {
            return Missing.UNDEFINED;
        }
        boolean in = false;
        double lastLat = latitude(ring.getLast());
        double lastLon = longitude(ring.getLast());
        for (Object point : ring) {
            double pointLat = latitude(point);
            double pointLon = longitude(point);
            if (Double.isNaN(pointLat) || Double.isNaN(pointLon) || Double.isNaN(lastLat)) {
                return Missing.UNDEFINED;
            }
            boolean crosses = (pointLat > lat) != (lastLat > lat)
                    && lon < (lastLon - pointLon) * (lat - pointLat) / (lastLat - pointLat) + pointLon;
            in ^= crosses;
            lastLat = pointLat;
            lastLon = pointLon;
        }
        return in;
    }
}
