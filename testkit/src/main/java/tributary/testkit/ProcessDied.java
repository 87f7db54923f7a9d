package tributary.testkit;

/// Thrown out of every call to a [SimulatedDisk] by a process that has died: nothing after it happens.
public final class ProcessDied extends Error {
    private static final long serialVersionUID = 1;

    ProcessDied() {
        super("the simulated process has died", null, false, false);
    }
}
