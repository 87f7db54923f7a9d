package tributary.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class DeviceIdTest {
    /// What `valid` says, as one line.
    private static final Pattern SHAPE = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._:-]{0,127}");

    @Test
    void namesAreLettersDigitsAndFourMarks() {
        assertThat(List.of("a", "pump-1", "7", "Kühler_3", "温度", "a.b:c", "²")).allMatch(DeviceId::valid);
        assertThat(List.of("", "me", "-a", ".", "a/b", "a+", "#", "a b", "a\u0000", "\uD800", "a\u0301"))
                .noneMatch(DeviceId::valid);
    }

    @Test
    void theLoopSaysWhatTheExpressionSays() {
        Random random = new Random(17);
        for (int round = 0; round < 50_000; round++) {
            StringBuilder name = new StringBuilder();
            int length = random.nextInt(4) == 0 ? 120 + random.nextInt(16) : 1 + random.nextInt(4);
            for (int i = 0; i < length; i++) {
                name.appendCodePoint(
                        switch (random.nextInt(12)) {
                            case 0 -> "._-:/+#".charAt(random.nextInt(7));
                            case 1 -> round % 8 == 0 ? random.nextInt(Character.MAX_CODE_POINT) : 'x';
                            default -> 'a' + random.nextInt(26);
                        });
            }
            String value = name.toString();
            assertThat(DeviceId.valid(value))
                    .as(value)
                    .isEqualTo(SHAPE.matcher(value).matches() && !value.equals("me"));
        }
    }
}
