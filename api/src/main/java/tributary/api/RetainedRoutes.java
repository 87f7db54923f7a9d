package tributary.api;

import static tributary.api.Schema.must;
import static tributary.api.Schema.orNull;

import io.helidon.http.Method;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.node.ObjectNode;
import tributary.api.Route.Doc;
import tributary.api.Route.Param;
import tributary.api.Route.Shape;
import tributary.api.Route.Success;
import tributary.broker.Attachment.Failure;
import tributary.broker.Broker;
import tributary.model.DeviceId;
import tributary.model.Fault;
import tributary.model.Message;
import tributary.model.PlatformException;
import tributary.model.Topic;
import tributary.model.TopicFilter;

/// Retained messages: list, remove. A topic has slashes, so it is a parameter and no part of the path.
final class RetainedRoutes {
    private static final int PAGE_MAX = 1000;
    private static final long DISK_SECONDS_MAX = 30;
    private static final int TOPIC_MAX = 65_535;

    private static final Schema.Obj ITEM = new Schema.Obj(
            "RetainedMessage",
            "The last message of a topic that new subscribers get.",
            List.of(
                    must("topic", Schema.text("where it was published", TOPIC_MAX)),
                    must("bytes", new Schema.Whole("length of the payload", 0, Integer.MAX_VALUE)),
                    must("receivedAt", new Schema.Moment("when it was accepted")),
                    orNull("device", Schema.text("the device it is of", 128)),
                    must("publisher", Schema.text("who published it", TOPIC_MAX)),
                    must("qos", new Schema.Whole("0 to 2", 0, 2))));

    private static final Schema.Obj PAGE = Schema.page("RetainedPage", "retained", ITEM);

    private final Broker broker;

    RetainedRoutes(Broker broker) {
        this.broker = broker;
    }

    List<Route> routes() {
        return List.of(
                new Route(
                        Method.GET,
                        "/api/v1/retained",
                        Access.VIEWER,
                        new Doc(
                                "sessions",
                                "listRetained",
                                "List retained messages",
                                "In order of topic, page by page."),
                        new Shape(
                                List.of(
                                        Param.of("filter", "only topics that this filter matches; # where not said"),
                                        Paging.AFTER,
                                        Paging.limit(PAGE_MAX)),
                                null,
                                Success.json(200, PAGE)),
                        this::list),
                new Route(
                        Method.DELETE,
                        "/api/v1/retained",
                        Access.OPERATOR,
                        new Doc(
                                "sessions",
                                "removeRetained",
                                "Remove the retained message of a topic",
                                "As publishing an empty retained message does: subscribers of the topic get that, new"
                                        + " ones get nothing."),
                        new Shape(
                                List.of(new Param("topic", Schema.text("exactly this topic", 4096), false, true)),
                                null,
                                Success.none(204, "It is gone.")),
                        this::remove));
    }

    private Answer list(Call call) {
        int limit = Paging.limit(call, 100, PAGE_MAX);
        String text = call.query("filter").orElse("#");
        String fault = TopicFilter.fault(text);
        if (fault != null) {
            throw Flaws.parameter("filter", fault, text);
        }
        List<Message> found = broker.of(call.tenant())
                .retained(new TopicFilter(text), call.query("after").orElse(""), limit + 1);
        return Answer.ok(Paging.page(
                "retained",
                found,
                limit,
                RetainedRoutes::json,
                message -> message.topic().value()));
    }

    private static ObjectNode json(Message message) {
        DeviceId device = message.device();
        return Json.object()
                .put("topic", message.topic().value())
                .put("bytes", message.payload().length)
                .put("receivedAt", Json.time(message.receivedMicros()))
                .put("device", device == null ? null : device.value())
                .put("publisher", message.publisher())
                .put("qos", message.qos());
    }

    private Answer remove(Call call) {
        String text = call.query("topic").orElse("");
        String flaw = Topic.fault(text);
        if (flaw != null) {
            throw Flaws.parameter("topic", flaw, text);
        }
        CompletableFuture<Optional<Failure>> removed = new CompletableFuture<>();
        if (!broker.of(call.tenant())
                .forget(new Topic(text), failure -> removed.complete(Optional.ofNullable(failure)))) {
            return Answer.notFound();
        }
        await(removed, "whether the message is removed");
        return Answer.done();
    }

    /// Waits until the disk has what was asked for.
    ///
    /// @param what is not known where it does not answer
    static void await(CompletableFuture<Optional<Failure>> asked, String what) {
        try {
            asked.get(DISK_SECONDS_MAX, TimeUnit.SECONDS).ifPresent(failure -> {
                throw new PlatformException(failure.fault(), failure.detail());
            });
        } catch (TimeoutException e) {
            throw new PlatformException(
                    Fault.DISK_FAILED,
                    "the disk has not answered for " + DISK_SECONDS_MAX + " seconds; " + what + " is not known yet",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PlatformException(Fault.STOPPING, "the server is stopping", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing completes this with a failure", e);
        }
    }
}
