package tributary.api;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tributary.gateway.DeviceRoute;

/// Writes the OpenAPI 3.1 document from the table of routes and that of the doors for devices: there is no other source
/// that could differ.
final class OpenApi {
    private static final Schema.Obj PROBLEM = new Schema.Obj(
            "Problem",
            "An error (RFC 9457).",
            List.of(
                    Schema.must("type", Schema.text("which kind, a path on this server", 100)),
                    Schema.must("title", Schema.text("the kind in words", 100)),
                    Schema.must("status", new Schema.Whole("the HTTP status", 400, 599)),
                    Schema.must("detail", Schema.text("what, why, and what to do next", Integer.MAX_VALUE)),
                    Schema.may(
                            "errors",
                            new Schema.ListOf(
                                    "every mistake in body or parameters",
                                    new Schema.Obj(
                                            "Flaw",
                                            "One mistake.",
                                            List.of(
                                                    Schema.must("where", Schema.text("field or parameter", 1024)),
                                                    Schema.must("what", Schema.text("what is wrong", 4096)))),
                                    50)),
                    Schema.may(
                            "position",
                            new Schema.Obj(
                                    "StatementPosition",
                                    "Where in an SQL statement it is.",
                                    List.of(
                                            Schema.must("line", new Schema.Whole("from 1", 1, Integer.MAX_VALUE)),
                                            Schema.must(
                                                    "column",
                                                    new Schema.Whole("character, from 1", 1, Integer.MAX_VALUE)),
                                            Schema.must("excerpt", Schema.text("the line", 200))))),
                    Schema.may("suggestion", Schema.text("what was most likely meant", 1024))));

    private OpenApi() {}

    static ObjectNode document(List<Route> routes, String version) {
        Map<String, ObjectNode> components = new TreeMap<>();
        Schema.document(PROBLEM, components);
        ObjectNode document = Json.object();
        document.put("openapi", "3.1.0");
        document.putObject("info")
                .put("title", "Tributary")
                .put("version", version)
                .put("description", "Devices, their data and who may see it. Errors are problem+json (RFC 9457).")
                .putObject("license")
                .put("name", "Apache-2.0")
                .put("identifier", "Apache-2.0");
        document.putArray("servers").addObject().put("url", "/");
        ObjectNode paths = document.putObject("paths");
        for (Route route : routes) {
            at(paths, route.path()).set(route.method().text().toLowerCase(Locale.ROOT), operation(route, components));
        }
        for (DeviceRoute route : DeviceRoute.values()) {
            at(paths, route.path())
                    .set(route.method().toLowerCase(Locale.ROOT), DeviceOperations.operation(route, components));
        }
        ObjectNode shared = document.putObject("components");
        ObjectNode schemas = shared.putObject("schemas");
        components.forEach(schemas::set);
        ObjectNode security = shared.putObject("securitySchemes");
        security.putObject("bearer")
                .put("type", "http")
                .put("scheme", "bearer")
                .put("description", "An API key, a device token or a signed token.");
        security.putObject("session")
                .put("type", "apiKey")
                .put("in", "cookie")
                .put("name", SessionCookie.NAME)
                .put("description", "A person's session; changes need the header " + SessionCookie.CSRF_HEADER + ".");
        return document;
    }

    private static ObjectNode at(ObjectNode paths, String path) {
        return paths.path(path) instanceof ObjectNode known ? known : paths.putObject(path);
    }

    private static ObjectNode operation(Route route, Map<String, ObjectNode> components) {
        ObjectNode operation = Json.object();
        operation.putArray("tags").add(route.doc().tag());
        operation.put("operationId", route.doc().id());
        operation.put("summary", route.doc().summary());
        String need = "Needs " + route.access().need() + ".";
        operation.put(
                "description",
                route.doc().detail().isEmpty() ? need : route.doc().detail() + " " + need);
        operation.put("x-access", route.access().label());
        ArrayNode parameters = operation.putArray("parameters");
        for (String place : route.places()) {
            ObjectNode parameter = parameters.addObject();
            parameter.put("name", place).put("in", "path").put("required", true);
            parameter.putObject("schema").put("type", "string");
        }
        for (Route.Param param : route.shape().query()) {
            parameters.add(parameter(param, components));
        }
        Schema.Obj body = route.shape().body();
        if (body != null) {
            ObjectNode request = operation.putObject("requestBody").put("required", true);
            request.putObject("content").putObject("application/json").set("schema", Schema.document(body, components));
        }
        responses(operation.putObject("responses"), route, components);
        if (route.access() != Access.ANYONE) {
            ArrayNode security = operation.putArray("security");
            security.addObject().putArray("bearer");
            security.addObject().putArray("session");
        } else {
            operation.putArray("security");
        }
        return operation;
    }

    static ObjectNode parameter(Route.Param param, Map<String, ObjectNode> components) {
        ObjectNode parameter = Json.object();
        parameter.put("name", param.name()).put("in", "query").put("required", param.required());
        parameter.put("description", param.schema().doc());
        Schema schema = param.repeated()
                ? new Schema.ListOf(param.schema().doc(), param.schema(), Integer.MAX_VALUE)
                : param.schema();
        parameter.set("schema", Schema.document(schema, components));
        return parameter;
    }

    private static void responses(ObjectNode responses, Route route, Map<String, ObjectNode> components) {
        Route.Success success = route.shape().success();
        ObjectNode good = responses.putObject(Integer.toString(success.status()));
        good.put("description", success.doc());
        if (!success.mediaTypes().isEmpty()) {
            ObjectNode content = good.putObject("content");
            for (String mediaType : success.mediaTypes()) {
                ObjectNode body = content.putObject(mediaType);
                Schema schema = success.schema();
                if (schema != null && mediaType.equals("application/json")) {
                    body.set("schema", Schema.document(schema, components));
                }
            }
        }
        if (route.access() != Access.ANYONE) {
            problem(responses, 401, "No valid credential.");
            problem(responses, 403, "The credential's role may not do this.");
        }
        if (!route.places().isEmpty()) {
            problem(responses, 404, "Not there, or not for this caller.");
        }
        problem(responses, null, "Any other error.");
    }

    /// @param status or null for every other one
    static void problem(ObjectNode responses, @Nullable Integer status, String doc) {
        ObjectNode response = responses.putObject(status == null ? "default" : status.toString());
        response.put("description", doc);
        response.putObject("content")
                .putObject(Problem.MEDIA_TYPE)
                .putObject("schema")
                .put("$ref", "#/components/schemas/Problem");
    }
}
