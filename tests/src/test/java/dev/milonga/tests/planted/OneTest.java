package dev.milonga.tests.planted;

import java.io.PrintWriter;
import java.lang.reflect.Method;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs one test class or method, and says by its exit code what has come of it. */
final class OneTest {

  static final int PASSED = 0;
  static final int FAILED = 1;
  static final int NOTHING_RAN = 2;

  private OneTest() {}

  /** Runs the test that is named as {@code Class} or {@code Class#method}. */
  public static void main(String[] arguments) throws ClassNotFoundException {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request().selectors(selector(arguments[0])).build();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create().execute(request, listener);
    TestExecutionSummary summary = listener.getSummary();
    summary.printFailuresTo(new PrintWriter(System.out, true), 5);
    System.exit(
        summary.getTotalFailureCount() > 0
            ? FAILED
            : summary.getTestsSucceededCount() > 0 ? PASSED : NOTHING_RAN);
  }

  // Methods of parameterized tests have parameters, which the table does not spell out.
  private static DiscoverySelector selector(String test) throws ClassNotFoundException {
    int hash = test.indexOf('#');
    if (hash < 0) {
      return DiscoverySelectors.selectClass(test);
    }
    Class<?> type = Class.forName(test.substring(0, hash));
    for (Method method : type.getDeclaredMethods()) {
      if (method.getName().equals(test.substring(hash + 1))) {
        return DiscoverySelectors.selectMethod(type, method);
      }
    }
    throw new IllegalArgumentException("there is no test " + test);
  }
}
