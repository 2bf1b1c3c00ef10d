import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;

/** A class without a package. */
class Unpackaged {

  private long total;

  @Mutator
  long add(long n) {
    total += n;
    return total;
  }

  @Accessor
  long total() {
    return total;
  }

  static long addTo(Unpackaged object, long n) {
    return object.add(n);
  }

  static long totalOf(Unpackaged object) {
    return object.total();
  }
}
