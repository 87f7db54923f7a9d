package tributary.simulator;

/// How many messages a second one thread makes. A main method: scenario, devices, seconds of scenario time.
final class GenerationCost {
    public static void main(String[] arguments) {
        String name = arguments.length > 0 ? arguments[0] : "car-fleet";
        int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100_000;
        int ticks = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 20;
        Scenario scenario = Loads.good(name).withCount(count);
        long start = System.nanoTime();
        VirtualDevice[] devices = new VirtualDevice[count];
        for (int i = 0; i < count; i++) {
            devices[i] = scenario.device(i);
        }
        System.out.printf("%,d devices made in %.2f s%n", count, (System.nanoTime() - start) / 1e9);
        long[] sums = new long[2];
        for (int round = 0; round < 3; round++) {
            sums[0] = 0;
            sums[1] = 0;
            long begin = System.nanoTime();
            for (int tick = round * ticks; tick < (round + 1) * ticks; tick++) {
                for (VirtualDevice device : devices) {
                    device.messages(28_000_000 + tick, message -> {
                        sums[0]++;
                        sums[1] += message.payload().length;
                    });
                }
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            System.out.printf(
                    "%s: %,.0f messages/s, %,.0f bytes each, %,.0f device ticks/s%n",
                    name, sums[0] / seconds, (double) sums[1] / sums[0], (double) ticks * count / seconds);
        }
    }
}
