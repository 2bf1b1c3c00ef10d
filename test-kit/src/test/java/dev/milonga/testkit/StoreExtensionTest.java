package dev.milonga.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.server.EmbeddedLog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** What the extension gives to tests, by running the test classes below. */
class StoreExtensionTest {

  private static final List<Milonga> GIVEN = new ArrayList<>(); // to the test that ran last

  private static TestExecutionSummary run(Class<?> tests) {
    GIVEN.clear();
    SummaryGeneratingListener listener = new SummaryGeneratingListener();
    LauncherFactory.create()
        .execute(
            LauncherDiscoveryRequestBuilder.request()
                .selectors(DiscoverySelectors.selectClass(tests))
                .build(),
            listener);
    return listener.getSummary();
  }

  /** Run by the test of the outer class only: the build looks for classes called …Test. */
  @ExtendWith(StoreExtension.class)
  static class Fresh {

    @BeforeEach
    void write(Milonga store, TestStore test) {
      assertThat(test.store()).isSameAs(store);
      GIVEN.add(store);
      assertThat(store.counter("c").addAndGet(1)).isEqualTo(1);
    }

    @Test
    void one(Milonga store) {
      assertThat(GIVEN).contains(store);
      assertThat(store.log()).isInstanceOf(InMemoryLog.class);
    }

    @Test
    void other(TestStore test) {
      assertThat(GIVEN).contains(test.store());
    }

    @AfterEach
    void stillOpen(Milonga store) {
      assertThat(store.counter("c").get()).isEqualTo(1);
    }
  }

  @Test
  void eachTest_hasAStoreOfItsOwn_openToItsEnd() {
    TestExecutionSummary summary = run(Fresh.class);

    assertThat(summary.getFailures()).isEmpty();
    assertThat(summary.getTestsSucceededCount()).isEqualTo(2);
    assertThat(GIVEN).hasSize(2).doesNotHaveDuplicates();
    GIVEN.forEach(
        store -> assertThatThrownBy(() -> store.counter("d")).hasMessageContaining("closed"));
  }

  static class Durable {

    @RegisterExtension static final StoreExtension STORES = StoreExtension.embedded();

    @Test
    void store(Milonga store) {
      GIVEN.add(store);
      assertThat(store.log()).isInstanceOf(EmbeddedLog.class);
    }
  }

  @Test
  void registeredExtension_makesStoresOfItsKind() {
    assertThat(run(Durable.class).getFailures()).isEmpty();
    assertThat(GIVEN).hasSize(1);
  }

  @ExtendWith(StoreExtension.class)
  static class Early {

    @BeforeAll
    static void store(Milonga store) {
      GIVEN.add(store);
    }

    @Test
    void test() {}
  }

  @Test
  void storeForAWholeClass_isRefused() {
    assertThat(run(Early.class).getFailures())
        .singleElement()
        .satisfies(
            failure ->
                assertThat(failure.getException())
                    .hasMessageContaining("each test has one of its own"));
    assertThat(GIVEN).isEmpty();
  }
}
