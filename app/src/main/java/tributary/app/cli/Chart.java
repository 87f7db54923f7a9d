package tributary.app.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// One line over time or another number, drawn with braille dots: two by four of them in a character.
///
/// It does not draw what is not there: between two points that are much further apart than points usually are, the line
/// is broken, and missing values are counted below.
final class Chart {
    private static final int LABEL_WIDTH = 10;
    /// So many usual distances without a point are a gap.
    private static final int GAP_STEPS = 3;

    private final int width;
    private final int height;

    /// @param width  characters, axis included
    /// @param height lines of dots
    Chart(int width, int height) {
        this.width = Math.max(20, width - LABEL_WIDTH - 3);
        this.height = Math.max(4, height);
    }

    /// @param name    what it is
    /// @param x       where each point is, ascending
    /// @param y       its value, NaN for none
    /// @param firstX  how the least x is written
    /// @param lastX   how the greatest x is written
    record Line(String name, double[] x, double[] y, String firstX, String lastX) {}

    /// @return lines to print
    List<String> draw(Line line) {
        Points points = points(line);
        if (points.count == 0) {
            return List.of(line.name + ": no values" + (line.y.length == 0 ? "" : " (" + line.y.length + " rows)"));
        }
        double least = points.least;
        double greatest = points.greatest;
        if (least == greatest) {
            double room = Math.max(1e-9, Math.abs(least) / 10);
            least -= room;
            greatest += room;
        }
        boolean[][] dots = new boolean[height * 4][width * 2];
        Scale scale = new Scale(line.x[0], line.x[line.x.length - 1], least, greatest);
        int gaps = trace(points, scale, dots);
        List<String> out = new ArrayList<>();
        out.add(line.name);
        for (int row = 0; row < height; row++) {
            String label = row == 0
                    ? number(greatest)
                    : row == height - 1 ? number(least) : row == height / 2 ? number((least + greatest) / 2) : "";
            out.add(" ".repeat(Math.max(0, LABEL_WIDTH - label.length()))
                    + label
                    + (label.isEmpty() ? " │" : " ┤")
                    + cells(dots, row));
        }
        out.add(" ".repeat(LABEL_WIDTH) + " └" + "─".repeat(width));
        int between = Math.max(1, width - line.firstX.length() - line.lastX.length());
        out.add(" ".repeat(LABEL_WIDTH + 2) + line.firstX + " ".repeat(between) + line.lastX);
        out.add(" ".repeat(LABEL_WIDTH + 2) + summary(points, line.y.length - points.count, gaps));
        return out;
    }

    private static String summary(Points points, int missing, int gaps) {
        String text = String.format(
                Locale.ROOT,
                "%,d %s, least %s, greatest %s, last %s",
                points.count,
                points.count == 1 ? "point" : "points",
                number(points.least),
                number(points.greatest),
                number(points.y[points.count - 1]));
        if (missing > 0) {
            text += String.format(Locale.ROOT, "; %,d %s missing", missing, missing == 1 ? "value is" : "values are");
        }
        if (gaps > 0) {
            text += "; " + gaps + (gaps == 1 ? " gap" : " gaps") + " without data";
        }
        return text;
    }

    private record Points(double[] x, double[] y, int count, double least, double greatest) {}

    private static Points points(Line line) {
        double[] x = new double[line.x.length];
        double[] y = new double[line.x.length];
        int count = 0;
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < line.x.length; i++) {
            if (Double.isFinite(line.y[i])) {
                x[count] = line.x[i];
                y[count] = line.y[i];
                least = Math.min(least, y[count]);
                greatest = Math.max(greatest, y[count]);
                count++;
            }
        }
        return new Points(x, y, count, least, greatest);
    }

    /// Where a point is among the dots.
    private final class Scale {
        private final double fromX;
        private final double spanX;
        private final double greatest;
        private final double spanY;

        Scale(double fromX, double toX, double least, double greatest) {
            this.fromX = fromX;
            this.spanX = toX == fromX ? 1 : toX - fromX;
            this.greatest = greatest;
            this.spanY = greatest - least;
        }

        int column(double x) {
            return Math.clamp(Math.round((x - fromX) / spanX * (width * 2 - 1)), 0, width * 2 - 1);
        }

        int row(double y) {
            return Math.clamp(Math.round((greatest - y) / spanY * (height * 4 - 1)), 0, height * 4 - 1);
        }
    }

    /// @return how many gaps there are
    private static int trace(Points points, Scale scale, boolean[][] dots) {
        double usual = usualStep(points);
        int gaps = 0;
        for (int i = 0; i < points.count; i++) {
            int column = scale.column(points.x[i]);
            int row = scale.row(points.y[i]);
            dots[row][column] = true;
            if (i > 0) {
                if (points.x[i] - points.x[i - 1] > usual * GAP_STEPS) {
                    gaps++;
                } else {
                    join(dots, scale.column(points.x[i - 1]), scale.row(points.y[i - 1]), column, row);
                }
            }
        }
        return gaps;
    }

    private static double usualStep(Points points) {
        if (points.count < 3) {
            return Double.POSITIVE_INFINITY;
        }
        double[] steps = new double[points.count - 1];
        for (int i = 0; i < steps.length; i++) {
            steps[i] = points.x[i + 1] - points.x[i];
        }
        Arrays.sort(steps);
        return steps[steps.length / 2];
    }

    private static void join(boolean[][] dots, int fromColumn, int fromRow, int toColumn, int toRow) {
        int steps = Math.max(Math.abs(toColumn - fromColumn), Math.abs(toRow - fromRow));
        for (int i = 1; i < steps; i++) {
            int column = fromColumn + Math.round((float) (toColumn - fromColumn) * i / steps);
            int row = fromRow + Math.round((float) (toRow - fromRow) * i / steps);
            dots[row][column] = true;
        }
    }

    private String cells(boolean[][] dots, int row) {
        StringBuilder line = new StringBuilder();
        int[][] bits = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
        for (int column = 0; column < width; column++) {
            int cell = 0;
            for (int y = 0; y < 4; y++) {
                for (int x = 0; x < 2; x++) {
                    cell |= dots[row * 4 + y][column * 2 + x] ? bits[y][x] : 0;
                }
            }
            line.append(cell == 0 ? ' ' : (char) (0x2800 + cell));
        }
        return line.toString().stripTrailing();
    }

    /// At most nine characters.
    static String number(double value) {
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        if (size >= 1e7 || size < 1e-3) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        String text = String.format(Locale.ROOT, size >= 1000 ? "%.1f" : size >= 10 ? "%.2f" : "%.4f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }
}
