package tributary.lake;

import java.time.InstantSource;
import java.util.Objects;
import tributary.decode.Decoder;
import tributary.log.Log;
import tributary.registry.Sensors;

/// What the lake lives on.
///
/// @param log        where messages come from
/// @param decoder    used by the lake's own thread only
/// @param sensors    hears of sensors that data showed for the first time
/// @param clock      wall clock, for ages
/// @param rejections hears what could not be decoded
public record LakeInputs(Log log, Decoder decoder, Sensors sensors, InstantSource clock, Rejections rejections) {
    public LakeInputs(Log log, Decoder decoder, Sensors sensors, InstantSource clock) {
        this(log, decoder, sensors, clock, Rejections.NONE);
    }

    public LakeInputs {
        Objects.requireNonNull(log, "log");
        Objects.requireNonNull(decoder, "decoder");
        Objects.requireNonNull(sensors, "sensors");
        Objects.requireNonNull(clock, "clock");
        Objects.requireNonNull(rejections, "rejections");
    }
}
