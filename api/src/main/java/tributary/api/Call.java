package tributary.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tributary.model.DeviceId;
import tributary.model.TenantId;
import tributary.registry.Devices;
import tributary.registry.Principal;

/// One request that the gate let in: checked, and bound to the caller's tenant.
///
/// @param identity who calls, or null on routes for anyone without a credential
/// @param places   what stands in the places of the path
/// @param query    parameters, already checked against the route
/// @param body     checked against the route's schema; a missing node where the route has none
/// @param asked    what else the request says
record Call(
        @Nullable Identity identity,
        Map<String, String> places,
        Map<String, List<String>> query,
        JsonNode body,
        Asked asked) {
    /// @param accept the Accept header, or "" where not said
    /// @param lastEventId the Last-Event-ID header, or ""
    /// @param cookie the session secret that came along, valid or not, or ""
    /// @param bearer what the Authorization header gave as proof, valid or not, or ""
    /// @param secure whether it came over TLS
    /// @param devices to look ids up
    record Asked(String accept, String lastEventId, String cookie, String bearer, boolean secure, Devices devices) {}

    Identity who() {
        return Objects.requireNonNull(identity, "the gate lets nobody in without a credential here");
    }

    Principal principal() {
        return who().principal();
    }

    /// @return the only tenant that this call may see
    TenantId tenant() {
        return principal().tenant();
    }

    String place(String name) {
        return Objects.requireNonNull(places.get(name), name);
    }

    /// @return the device of the path; the gate has checked that the caller may see it
    DeviceId device() {
        return new DeviceId(place("device"));
    }

    /// @return the device that the parameter `device` asks for, checked by the gate; a device that names none means
    ///         itself
    Optional<DeviceId> deviceAsked() {
        Optional<DeviceId> named = query("device").map(DeviceId::new);
        return named.isPresent()
                ? named
                : Optional.ofNullable(identity == null ? null : principal().device());
    }

    /// @return the parameter, or empty where it is not given or empty
    Optional<String> query(String name) {
        return queries(name).stream().filter(value -> !value.isEmpty()).findFirst();
    }

    /// @return every value of the parameter
    List<String> queries(String name) {
        return query.getOrDefault(name, List.of());
    }

    /// @return whether the caller may see this device; never true for other tenants' or unknown ones
    boolean sees(String id) {
        return visible(principal(), id, asked.devices());
    }

    /// The one rule of visibility: a device sees itself, everybody else the devices of their tenant.
    static boolean visible(Principal principal, String id, Devices devices) {
        if (!DeviceId.valid(id)) {
            return false;
        }
        DeviceId device = new DeviceId(id);
        boolean own = principal.may(Principal.Role.VIEWER) || device.equals(principal.device());
        return devices.exists(principal.tenant(), device) && own;
    }

    /// @return the text field of the body, or `fallback` where it is not there or null
    String text(String field, String fallback) {
        JsonNode node = body.path(field);
        return node.isString() ? node.stringValue() : fallback;
    }

    /// @return the moment that the text field of the body means, or `fallback` does where it is not there or null
    Instant moment(String field, String fallback, Instant now) {
        return Times.moment(text(field, fallback), now)
                .orElseThrow(() -> Flaws.field(field, "must be " + Times.MOMENT_DOC));
    }
}
