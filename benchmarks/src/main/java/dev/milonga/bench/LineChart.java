package dev.milonga.bench;

import dev.milonga.bench.Curve.Point;
import dev.milonga.bench.Curve.Series;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Draws a {@link Curve} as SVG: powers of ten to the right, linear from zero upwards. */
final class LineChart {

  private static final int WIDTH = 860;
  private static final int HEIGHT = 420;
  private static final int LEFT = 80;
  private static final int RIGHT = 220; // room for the legend
  private static final int TOP = 50;
  private static final int BOTTOM = 60;
  private static final int GRID_LINES = 5;

  // Told apart by who cannot see colours as well: lines differ in their dashes, too.
  private static final List<String> COLOURS = List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7");

  private final Curve curve;
  private final double xFirst; // logarithms
  private final double xLast;
  private final double yTop;
  private final StringBuilder out = new StringBuilder();

  private LineChart(Curve curve) {
    this.curve = curve;
    List<Point> all = curve.series().stream().flatMap(line -> line.points().stream()).toList();
    this.xFirst = all.stream().mapToDouble(point -> Math.log10(point.x())).min().orElse(0);
    this.xLast = all.stream().mapToDouble(point -> Math.log10(point.x())).max().orElse(1);
    this.yTop = roundUp(all.stream().mapToDouble(Point::y).max().orElse(1));
  }

  static String svg(Curve curve) {
    return new LineChart(curve).draw();
  }

  /** The least of 1, 2, 2.5 and 5 times a power of ten that is not below the value. */
  static double roundUp(double value) {
    if (!(value > 0)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    for (double step : new double[] {1, 2, 2.5, 5}) {
      if (step * power >= value) {
        return step * power;
      }
    }
    return 10 * power;
  }

  private String draw() {
    add(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"13\">",
        WIDTH, HEIGHT);
    add("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
    text(LEFT, 24, "start", curve.title());
    drawAxes();
    for (int i = 0; i < curve.series().size(); i++) {
      drawSeries(curve.series().get(i), i);
    }
    add("</svg>");
    return out.toString();
  }

  private void drawAxes() {
    for (int i = 0; i <= GRID_LINES; i++) {
      double value = yTop * i / GRID_LINES;
      add(
          "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>",
          LEFT, y(value), WIDTH - RIGHT, y(value));
      text(LEFT - 8, y(value) + 4, "end", String.format(Locale.ROOT, "%,.0f", value));
    }
    for (int power = (int) Math.ceil(xFirst); power <= xLast; power++) {
      double value = Math.pow(10, power);
      text(x(value), HEIGHT - BOTTOM + 20, "middle", String.format(Locale.ROOT, "%,.0f", value));
    }
    text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 16, "middle", curve.x());
    text(LEFT, TOP - 10, "start", curve.y());
  }

  private void drawSeries(Series series, int index) {
    int half = (curve.series().size() + 1) / 2;
    String colour = COLOURS.get(index % half % COLOURS.size());
    String dashes = index < half ? " stroke-dasharray=\"5 4\"" : "";
    String points =
        series.points().stream()
            .map(point -> String.format(Locale.ROOT, "%.1f,%.1f", x(point.x()), y(point.y())))
            .collect(Collectors.joining(" "));
    add(
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>",
        points, colour, dashes);
    double legend = TOP + 20.0 * index;
    add(
        "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"2\"%s/>",
        WIDTH - RIGHT + 20, legend, WIDTH - RIGHT + 50, legend, colour, dashes);
    text(WIDTH - RIGHT + 58, legend + 4, "start", series.label());
  }

  private void text(double x, double y, String anchor, String text) {
    String escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    add("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, escaped);
  }

  private void add(String pattern, Object... arguments) {
    out.append(arguments.length == 0 ? pattern : String.format(Locale.ROOT, pattern, arguments))
        .append('\n');
  }

  private double x(double value) {
    double share = xLast == xFirst ? 0.5 : (Math.log10(value) - xFirst) / (xLast - xFirst);
    return LEFT + share * (WIDTH - RIGHT - LEFT);
  }

  private double y(double value) {
    return HEIGHT - BOTTOM - value / yTop * (HEIGHT - BOTTOM - TOP);
  }
}
