package tributary.query;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tributary.model.TenantId;
import tributary.query.wire.TypeView;
import tributary.registry.Device;
import tributary.registry.Devices;
import tributary.registry.Registry;
import tributary.registry.Sensors;

/// Makes the views of device types from what is registered: a view a type, a column a sensor that was ever seen.
///
/// Names and kinds follow what was seen first, so nothing that comes later renames or retypes a column.
final class TypeViews {
    static final List<String> TABLES = List.of(
            "readings",
            "readings_1m",
            "readings_1h",
            "readings_1d",
            "devices",
            "sensors",
            "alerts",
            "messages",
            "rejected",
            "events");

    private static final int PAGE = 1000;
    /// More devices than this are joined and not listed in the statement.
    private static final int LISTED_MAX = 1000;
    private static final int VIEWS_MAX = 1000;
    private static final int COLUMNS_MAX = 2000;

    private static final Comparator<Sensors.Sensor> FIRST_SEEN = Comparator.comparing(Sensors.Sensor::firstSeenAt)
            .thenComparing(Sensors.Sensor::path)
            .thenComparing(Sensors.Sensor::device);

    private final Map<String, Maker> makers = new TreeMap<>();
    private final Map<String, Maker> makerOf = new HashMap<>();

    private static final class Maker {
        final Set<String> types = new TreeSet<>();
        final List<String> devices = new ArrayList<>();
        final Map<String, Sensors.Sensor> first = new HashMap<>();
    }

    /// @return the views of the tenant's types as they are now
    static List<TypeView> of(TenantId tenant, Registry registry) {
        TypeViews views = new TypeViews();
        @Nullable Device last = null;
        List<Device> page;
        do {
            page = registry.devices().list(tenant, Devices.Filter.ALL, last == null ? null : last.id(), PAGE);
            page.forEach(views::device);
            last = page.isEmpty() ? last : page.getLast();
        } while (page.size() == PAGE);
        Sensors.@Nullable Sensor seen = null;
        List<Sensors.Sensor> some;
        do {
            some = registry.sensors().all(tenant, seen, PAGE);
            some.forEach(views::sensor);
            seen = some.isEmpty() ? seen : some.getLast();
        } while (some.size() == PAGE);
        return views.views();
    }

    /// @return the names of the views that devices of these types have
    static Set<String> names(Collection<String> types) {
        Set<String> names = new TreeSet<>();
        types.forEach(type -> names.add(name(type)));
        names.remove("");
        return names;
    }

    /// @return what statements call the view of a type: its letters and digits in lower case, `_` for the rest; with
    ///         `_type` behind it where a table has that name. "" for no type
    static String name(String type) {
        String name = type.strip().toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "_");
        boolean taken = TABLES.contains(name) || name.matches("(duckdb|pg|sqlite|information)_.*");
        return name.isEmpty() || name.equals("_") ? "" : taken ? name + "_type" : name;
    }

    void device(Device device) {
        String name = name(device.type());
        if (name.isEmpty() || (makers.size() >= VIEWS_MAX && !makers.containsKey(name))) {
            return;
        }
        Maker maker = makers.computeIfAbsent(name, _ -> new Maker());
        maker.types.add(device.type());
        maker.devices.add(device.id().value());
        makerOf.put(device.id().value(), maker);
    }

    /// Devices come before their sensors.
    void sensor(Sensors.Sensor sensor) {
        Maker maker = makerOf.get(sensor.device().value());
        if (maker != null) {
            maker.first.merge(
                    sensor.path(), sensor, (known, next) -> FIRST_SEEN.compare(known, next) <= 0 ? known : next);
        }
    }

    /// @return the views of what was told
    List<TypeView> views() {
        List<TypeView> views = new ArrayList<>();
        makers.forEach((name, maker) -> views.add(new TypeView(
                name,
                List.copyOf(maker.types),
                columns(maker.first.values()),
                maker.devices.size() > LISTED_MAX ? List.of() : maker.devices)));
        return views;
    }

    private static List<TypeView.Column> columns(Collection<Sensors.Sensor> sensors) {
        Set<String> taken = new HashSet<>(TypeView.KEYS);
        Map<String, TypeView.Column> columns = new LinkedHashMap<>();
        sensors.stream().sorted(FIRST_SEEN).limit(COLUMNS_MAX).forEach(sensor -> {
            String name = sensor.path();
            for (int next = 2; !taken.add(name.toLowerCase(Locale.ROOT)); next++) {
                name = sensor.path() + "_" + next;
            }
            columns.put(name, new TypeView.Column(name, sensor.path(), shape(sensor.kind())));
        });
        return List.copyOf(columns.values());
    }

    private static TypeView.Shape shape(Sensors.Kind kind) {
        return switch (kind) {
            case NUMBER -> TypeView.Shape.NUMBER;
            case TEXT -> TypeView.Shape.TEXT;
            case BOOLEAN -> TypeView.Shape.BOOLEAN;
        };
    }
}
