package dev.milonga.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ExamplesTest {

  @TempDir private Path data;

  @Test
  void inventory_lasts() throws Exception {
    assertThat(output(InventoryExample::main))
        .containsExactly(
            "in stock at the start: 0",
            "take 2: true",
            "take 9: false",
            "in stock after reopening: 3",
            "  1 restock(sku: sku-1, n: 5)",
            "  2 take(sku: sku-1, n: 2)",
            "  3 take(sku: sku-1, n: 9)",
            "the store is in " + data);
    assertThat(output(InventoryExample::main))
        .contains("in stock at the start: 3", "in stock after reopening: 6");
  }

  @Test
  void collections_doWhatTheirInterfacesSay() throws Exception {
    assertThat(output(CollectionsTour::main))
        .containsExactly(
            "map: {o-1=Order[sku=sku-1, count=3]}, and before: Order[sku=sku-1, count=2]",
            "sorted map: {2026-03-01=vals, 2026-11-20=tango}, first: 2026-03-01",
            "list: [ocho, cruce, giro]",
            "set: true, then false",
            "queue: first, then second, then null",
            "register: true, then false: Ada",
            "counter: 500500",
            "the store is in " + data);
  }

  @Test
  void order_happensAsAWholeOrNotAtAll() throws Exception {
    assertThat(output(OrderExample::main))
        .containsExactly(
            "at the start: 5 in stock, Ada has 1000 cents, orders: []",
            "2 pieces: true",
            "9 pieces: false",
            "1 piece: Ada has 200 cents, not 400",
            "at the end: 3 in stock, Ada has 200 cents, orders: [o-1]",
            "in the log the order is one entry, of three objects:",
            "  stock: take(sku: sku-1, n: 2)",
            "  wallets: pay(customer: Ada, amount: 800)",
            "  orders: set(key: o-1, value: Order[customer=Ada, sku=sku-1, pieces=2, cents=800])",
            "the store is in " + data);
  }

  @Test
  void changeFeed_resumesWhereItStopped() throws Exception {
    assertThat(output(ChangeFeed::main))
        .containsExactly(
            "first: put(key: tea, value: 3)",
            "second: put(key: coffee, value: 4)",
            "resumed: remove(key: tea)",
            "the store is in " + data);
  }

  @Test
  @Timeout(300)
  void policies_arePushedToBothControllers_andReplacedAsAWhole() throws Exception {
    String both = "{bank=[web -> ledger:5432 allowed], shop=[web -> cart:6379 allowed]}";
    List<String> said = output(PolicyExample::main);

    // How many entries come before depends on who is first to open the object.
    assertThat(said)
        .map(line -> line.replaceFirst("as of \\d+:", "as of N:").replaceFirst("^  \\d+ ", "  N "))
        .containsSubsequence(
            "two tenants get their rules in one transaction:",
            "  east: installs the rules as of N: " + both,
            "  west: installs the rules as of N: " + both,
            "  west: has isolated cart",
            "  east: installs the rules as of N: {bank=[web -> ledger:5432 allowed]}",
            "the rules: {bank=[web -> ledger:5432 allowed]}",
            "  N replace(tenant: bank, by: [web -> ledger:5432 allowed])",
            "  N replace(tenant: shop, by: [web -> cart:6379 allowed])",
            "  N replace(tenant: shop, by: [])",
            "the store is in " + data);
  }

  @Test
  @Timeout(300)
  void jobOfAKilledWorker_isDoneByAnother() throws Exception {
    List<String> said = output(JobExample::main);

    assertThat(said)
        .containsSubsequence(
            "  ada: takes job job-mow, to mow", "killed, while job-mow is with ada")
        .last()
        .isEqualTo("the store is in " + data);
    assertThat(said)
        .filteredOn(line -> line.startsWith("done: "))
        .singleElement()
        .asString()
        .matches("done: \\{(job-(mow|rake|sow|water)=(grace|edsger)(, )?){4}}");
  }

  private List<String> output(Example example) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      example.main(new String[] {data.toString()});
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }

  /** The main method of an example. */
  private interface Example {
    void main(String[] arguments) throws Exception;
  }
}
