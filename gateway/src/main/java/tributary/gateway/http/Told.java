package tributary.gateway.http;

import java.util.ArrayList;
import java.util.List;
import tributary.decode.ReadingSink;

/// What the decoder makes of a payload, counted for the answer: the lake will store exactly this.
final class Told implements ReadingSink {
    private final int listedMax;
    private int accepted;
    private int rejected;
    private final List<Rejection> listed = new ArrayList<>(0);

    /// @param listedMax more rejections than this are counted and not listed
    Told(int listedMax) {
        this.listedMax = listedMax;
    }

    @Override
    public void number(String sensor, long tsMicros, double value) {
        accepted++;
    }

    @Override
    public void text(String sensor, long tsMicros, String value) {
        accepted++;
    }

    @Override
    public void bool(String sensor, long tsMicros, boolean value) {
        accepted++;
    }

    @Override
    public void rejected(int index, String reason) {
        rejected++;
        if (listed.size() < listedMax) {
            listed.add(new Rejection(index, reason));
        }
    }

    /// @return readings that the lake will store
    int accepted() {
        return accepted;
    }

    /// @return parts that it cannot store
    int rejected() {
        return rejected;
    }

    /// @return the first of these
    List<Rejection> listed() {
        return listed;
    }
}
