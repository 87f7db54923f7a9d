package tributary.gateway;

import tributary.log.Receipt;
import tributary.model.Message;
import tributary.model.MessageProperties;
import tributary.registry.Devices;
import tributary.registry.Principal;

/// Where all doors meet: rights, quota, limits and stamps for one publish, then the log.
///
/// In memory and without blocking: safe on an event loop and from any number of threads.
public interface Intake {
    /// Decides about one publish. Accepted, the message has been stamped and is ready for [#append].
    Admission admit(Publish publish);

    /// Finds out what a topic means for a principal, for doors whose clients publish to the same topics for long.
    ///
    /// @param topic as the client wrote it
    Route route(Principal principal, String topic);

    /// @return the route itself, or a new one where the tenant's devices changed since it was found
    Route fresh(Route route);

    /// Decides about one publish to a topic that was looked at before; a route that is not fresh is looked at anew.
    Admission admit(Routed publish);

    /// Decides about a subscription.
    ///
    /// @param filter as the client wrote it; `me` is resolved here
    /// @param caller for the attempts log, where it is refused
    Hearing hear(Principal principal, String filter, Caller caller);

    /// @return the devices that rights are decided by
    Devices devices();

    /// @param filter as the client wrote it
    /// @return the same with `me` resolved where that means something
    String resolved(Principal principal, String filter);

    /// @return the log's partition that an admitted message goes to
    int partition(Message message);

    /// Appends an admitted message; the receipt hears when it is durable.
    void append(Message message, Receipt receipt);

    /// @return whether doors should stop reading for a moment
    boolean congested();

    /// Runs `action` once when doors may read again.
    void whenRelieved(Runnable action);

    /// @return what was decided so far, for metrics
    IntakeCounts counts();

    /// @return where doors note what they refuse themselves; what is refused here is noted here
    Attempts attempts();

    /// @return where doors tell who comes and goes
    Presence presence();

    /// One publish as a door read it.
    ///
    /// @param principal  who publishes
    /// @param topic      as the client wrote it; `t` and `me` are resolved here
    /// @param payload    owned: the door's copy, nobody writes to it again
    /// @param publisher  MQTT client id, or the principal's subject
    /// @param caller     for the attempts log, where it is refused
    record Publish(
            Principal principal,
            String topic,
            byte[] payload,
            Message.Origin origin,
            String publisher,
            int qos,
            boolean retain,
            MessageProperties properties,
            Caller caller) {}

    /// One publish whose topic was routed before.
    ///
    /// @param route   from [Intake#route]
    /// @param payload owned: the door's copy, nobody writes to it again
    /// @param caller  for the attempts log, where it is refused
    record Routed(
            Route route,
            byte[] payload,
            Message.Origin origin,
            String publisher,
            int qos,
            boolean retain,
            MessageProperties properties,
            Caller caller) {}
}
