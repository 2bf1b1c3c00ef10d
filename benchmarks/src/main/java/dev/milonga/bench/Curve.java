package dev.milonga.bench;

import java.util.List;

/**
 * Something measured at several sizes, to be plotted.
 *
 * @param name the image's name, without its ending
 * @param x what the horizontal axis shows; logarithmic
 * @param y what the vertical axis shows; linear, from zero
 */
public record Curve(String name, String title, String x, String y, List<Series> series) {

  /** One line. */
  public record Series(String label, List<Point> points) {}

  /** One point of a line. */
  public record Point(double x, double y) {}
}
