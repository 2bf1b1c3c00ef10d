package dev.milonga.tests;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What DESIGN promises about the shape of the code, read from the compiled classes. */
class ArchitectureTest {

  private static final String ANNOTATIONS = "dev.milonga.annotations..";
  private static final String LOG_CLIENT = "dev.milonga.log";
  private static final String LOG_FORMAT = "dev.milonga.log.format";
  private static final String LOG_WIRE = "dev.milonga.log.wire..";
  private static final String LOG_GRPC = "dev.milonga.log.grpc";
  private static final String LOG_SERVER = "dev.milonga.log.server..";
  private static final String RUNTIME = "dev.milonga.runtime..";
  private static final String TXN = "dev.milonga.txn..";
  private static final String CHECKPOINT = "dev.milonga.checkpoint..";
  private static final String COLLECTIONS = "dev.milonga.collections..";
  private static final String NOTHING_BUT_A_MARK = "org.jspecify.annotations..";

  private static final JavaClasses OURS =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("test-classes"))
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.milonga");

  @Test
  void rulesSeeTheClassesOfEveryModule() {
    assertThat(
            Stream.of(
                "dev.milonga.Milonga",
                "dev.milonga.annotations.Mutator",
                "dev.milonga.checkpoint.TrimPlan",
                "dev.milonga.collections.ReplicatedMap",
                "dev.milonga.log.SharedLog",
                "dev.milonga.log.server.LogEngine",
                "dev.milonga.runtime.ObjectRuntime",
                "dev.milonga.txn.Transactions"))
        .allMatch(OURS::contain);
    assertThat(OURS.contain(ArchitectureTest.class.getName())).isFalse();
  }

  // Arrows of DESIGN §2.

  private static void dependsOnlyOn(String module, String... allowed) {
    List<String> packages = new ArrayList<>(List.of(allowed));
    packages.addAll(List.of(module, "java..", NOTHING_BUT_A_MARK));
    classes()
        .that()
        .resideInAPackage(module)
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(packages.toArray(String[]::new))
        .check(OURS);
  }

  @Test
  void annotations_dependOnNothing() {
    dependsOnlyOn(ANNOTATIONS);
  }

  @Test
  void logClient_knowsNeitherServerNorRuntime() {
    dependsOnlyOn(LOG_CLIENT);
    dependsOnlyOn(LOG_FORMAT, LOG_CLIENT);
    dependsOnlyOn(
        LOG_GRPC,
        LOG_CLIENT,
        LOG_FORMAT,
        LOG_WIRE,
        "com.google.protobuf..",
        "io.grpc..",
        "org.slf4j..",
        "javax.net.ssl..");
  }

  @Test
  void logServer_knowsTheLogAndItsStorageOnly() {
    dependsOnlyOn(
        LOG_SERVER,
        LOG_CLIENT,
        LOG_FORMAT,
        LOG_GRPC, // what the transport of both may log
        LOG_WIRE,
        "org.rocksdb..",
        "org.slf4j..",
        "com.google.protobuf..",
        "io.grpc..",
        "javax.net.ssl..",
        "javax.naming..", // names in certificates
        "javax.security..");
  }

  @Test
  void objectRuntime_knowsNoServerNoCollectionsAndNoTransactions() {
    dependsOnlyOn(
        RUNTIME,
        ANNOTATIONS,
        LOG_CLIENT,
        "com.google.protobuf..",
        "com.fasterxml.jackson.annotation..",
        "tools.jackson..",
        "net.bytebuddy..",
        "org.objenesis..",
        "org.slf4j..");
  }

  @Test
  void transactions_knowTheRuntimeAndTheLog() {
    dependsOnlyOn(TXN, RUNTIME, ANNOTATIONS, LOG_CLIENT, "org.slf4j..");
  }

  @Test
  void checkpointer_knowsTheRuntimeAndTheLog() {
    dependsOnlyOn(CHECKPOINT, RUNTIME, LOG_CLIENT, "org.slf4j..");
  }

  @Test
  void collections_areWrittenAsAUserWouldWriteThem() {
    dependsOnlyOn(COLLECTIONS, ANNOTATIONS, "io.vavr..", "org.pcollections..");
  }

  @Test
  void arrowThatPointsBack_isFound() {
    assertThatThrownBy(() -> dependsOnlyOn(RUNTIME, ANNOTATIONS, "java.."))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("dev.milonga.log.SharedLog");
  }

  // Technologies stay inside.

  private static final DescribedPredicate<JavaClass> TECHNOLOGY =
      resideInAnyPackage(
          "io.grpc..",
          "org.rocksdb..",
          "io.netty..",
          "org.apache.ratis..",
          "net.bytebuddy..",
          "tools.jackson..",
          "com.google.protobuf..",
          "org.objenesis..");

  @Test
  void publicSignatures_nameNoTechnology() {
    ArchRule rule =
        classes()
            .that()
            .resideInAPackage("dev.milonga..")
            .and(not(resideInAPackage("dev.milonga.runtime.record.."))) // generated
            .and(not(resideInAPackage(LOG_WIRE))) // generated
            .and(isSeenFromOutside())
            .should(nameNoTechnology());

    rule.check(OURS);
  }

  @Test
  void technologyInASignature_isFound() {
    ArchRule rule =
        classes()
            .that()
            .resideInAPackage("dev.milonga.runtime.record..")
            .should(nameNoTechnology());

    assertThatThrownBy(() -> rule.check(OURS))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("com.google.protobuf");
  }

  private static DescribedPredicate<JavaClass> isSeenFromOutside() {
    return DescribedPredicate.describe(
        "are seen from outside",
        type -> {
          for (JavaClass at = type; ; at = at.getEnclosingClass().get()) {
            if (!isSeen(at.getModifiers())) {
              return false;
            }
            if (at.getEnclosingClass().isEmpty()) {
              return true;
            }
          }
        });
  }

  private static boolean isSeen(Set<JavaModifier> modifiers) {
    return modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED);
  }

  private static ArchCondition<JavaClass> nameNoTechnology() {
    return new ArchCondition<>("name no technology in a signature") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        type.getRawSuperclass().ifPresent(above -> test(type, type.getName(), above, events));
        type.getRawInterfaces().forEach(above -> test(type, type.getName(), above, events));
        for (JavaField field : type.getFields()) {
          if (isSeen(field.getModifiers())) {
            field
                .getAllInvolvedRawTypes()
                .forEach(named -> test(type, field.getFullName(), named, events));
          }
        }
        for (JavaCodeUnit unit : type.getCodeUnits()) {
          if (isSeen(unit.getModifiers())) {
            unit.getAllInvolvedRawTypes()
                .forEach(named -> test(type, unit.getFullName(), named, events));
            unit.getExceptionTypes()
                .forEach(named -> test(type, unit.getFullName(), named, events));
          }
        }
      }

      private void test(JavaClass type, String where, JavaClass named, ConditionEvents events) {
        if (TECHNOLOGY.test(named)) {
          events.add(SimpleConditionEvent.violated(type, where + " names " + named.getName()));
        }
      }
    };
  }

  private static DescribedPredicate<JavaAccess<?>> calls(String owner, String... methods) {
    return DescribedPredicate.describe(
        owner + "." + List.of(methods),
        access ->
            access.getTargetOwner().isAssignableTo(owner)
                && (methods.length == 0 || List.of(methods).contains(access.getName())));
  }

  // Determinism of what decides and what applies.

  private static final DescribedPredicate<JavaAccess<?>> CHANCE =
      calls("java.lang.System", "currentTimeMillis", "nanoTime")
          .or(calls("java.time.Instant", "now"))
          .or(calls("java.time.Clock"))
          .or(calls("java.time.InstantSource"))
          .or(calls("java.lang.Math", "random"))
          .or(calls("java.util.UUID", "randomUUID"))
          .or(calls("java.util.concurrent.ThreadLocalRandom"))
          .or(calls("java.lang.Thread", "start", "sleep"));

  private static final DescribedPredicate<JavaClass> DECIDES_OR_APPLIES =
      DescribedPredicate.describe(
          "decide or apply",
          type ->
              type.getName()
                  .matches(
                      "dev\\.milonga\\.(log\\.server\\.(LogEngine|CommitRule|ConflictIndex|LongTable"
                          + "|Session|SessionTable|WriteSet|EngineState|BatchBuilder|StreamIndex)"
                          + "|checkpoint\\.TrimPlan|runtime\\.(View|TrimLedger|StoredCheckpoints|PlainView|VersionedView|ApplyContext|ApplyScope"
                          + "|BoundMutator|RecordFormat|ValueCopier)"
                          + "|runtime\\.cbor\\..*|collections\\..*)(\\$.*)?"));

  @Test
  void engineAndApplyPath_readNoClockAndDrawNoRandomNumbers() {
    assertThat(OURS.stream().filter(DECIDES_OR_APPLIES).map(JavaClass::getSimpleName))
        .contains("LogEngine", "CommitRule", "View", "ApplyContext", "ReplicatedMap", "CborReader");

    noClasses().that(DECIDES_OR_APPLIES).should(callMethodWhere(CHANCE)).check(OURS);
  }

  @Test
  void randomGenerators_areMadeFromTheLogAlone() {
    noClasses()
        .that(DECIDES_OR_APPLIES)
        .should()
        .callConstructor(java.util.Random.class)
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(java.security.SecureRandom.class)
        .check(OURS);
  }

  @Test
  void useOfTheClock_isFound() {
    assertThatThrownBy(
            () ->
                noClasses()
                    .that()
                    .resideInAPackage(LOG_SERVER)
                    .should(callMethodWhere(CHANCE))
                    .check(OURS))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("EmbeddedLog");
  }
}
