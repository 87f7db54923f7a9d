package tributary.simulator;

/// One sensor's course over time: the value at any tick of any device, [#ABSENT] where there is none.
///
/// A pure function: it may remember on the track what it would otherwise compute again, never anything that
/// changes a value. So a run may begin at any tick, and threads may share a scenario as long as each has tracks
/// of its own.
interface Signal {
    /// No reading at this tick.
    double ABSENT = Double.NaN;

    double at(Track track, long tick);
}
