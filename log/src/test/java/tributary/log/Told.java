package tributary.log;

import java.util.ArrayList;
import java.util.List;
import tributary.model.Fault;

/// A receipt that remembers what it was told, and how often.
final class Told implements Receipt {
    private final List<String> calls = new ArrayList<>();
    private int partition = -1;
    private long position = -1;
    private Fault fault;
    private String detail = "";

    @Override
    public synchronized void durable(int inPartition, long atPosition) {
        calls.add("durable");
        partition = inPartition;
        position = atPosition;
    }

    @Override
    public synchronized void refused(Fault why, String inWords) {
        calls.add("refused");
        fault = why;
        detail = inWords;
    }

    synchronized boolean isDurable() {
        return calls.equals(List.of("durable"));
    }

    synchronized boolean isRefused() {
        return calls.equals(List.of("refused"));
    }

    synchronized boolean isOpen() {
        return calls.isEmpty();
    }

    synchronized int count() {
        return calls.size();
    }

    synchronized int partition() {
        return partition;
    }

    synchronized long position() {
        return position;
    }

    synchronized Fault fault() {
        return fault;
    }

    synchronized String detail() {
        return detail;
    }
}
