package tributary.registry;

import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/// A few real key pairs, made once for the whole test run and given out in turn: never the same twice in a row.
final class ReadyKeys implements World.KeyMaker {
    private static final int OF_EACH = 4;
    private static final Map<Credentials.Algorithm, List<KeyPair>> PAIRS = new ConcurrentHashMap<>();
    private static final AtomicInteger NEXT = new AtomicInteger();

    @Override
    public KeyPair make(Credentials.Algorithm algorithm) {
        List<KeyPair> pairs = PAIRS.computeIfAbsent(algorithm, ReadyKeys::pairs);
        return pairs.get(NEXT.getAndIncrement() / 2 % OF_EACH);
    }

    private static List<KeyPair> pairs(Credentials.Algorithm algorithm) {
        SecureRandom random = new SecureRandom();
        return Stream.generate(() -> SigningKey.generate(algorithm, random))
                .limit(OF_EACH)
                .toList();
    }
}
