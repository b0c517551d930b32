package io.gatehouse.app;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The dependencies between modules and packages, and naming rules. */
@AnalyzeClasses(packages = "io.gatehouse", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule MODULES =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.gatehouse..")
          .layer("app")
          .definedBy("io.gatehouse.app..")
          .layer("http")
          .definedBy("io.gatehouse.http..")
          .layer("control")
          .definedBy("io.gatehouse.control..")
          .layer("gateway")
          .definedBy("io.gatehouse.gateway..")
          .layer("tls")
          .definedBy("io.gatehouse.tls..")
          .layer("authplugins")
          .definedBy("io.gatehouse.authplugins..")
          .layer("auth")
          .definedBy("io.gatehouse.auth..")
          .layer("wire")
          .definedBy("io.gatehouse.wire..")
          .whereLayer("app")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("http")
          .mayOnlyBeAccessedByLayers("app")
          .whereLayer("control")
          .mayOnlyBeAccessedByLayers("app", "http")
          .whereLayer("gateway")
          .mayOnlyBeAccessedByLayers("app", "http")
          .whereLayer("tls")
          .mayOnlyBeAccessedByLayers("app", "http", "gateway")
          .whereLayer("authplugins")
          .mayOnlyBeAccessedByLayers("app")
          .whereLayer("auth")
          .mayOnlyBeAccessedByLayers("app", "http", "control", "gateway", "tls", "authplugins")
          .whereLayer("wire")
          .mayOnlyBeAccessedByLayers("app", "http", "gateway");

  @ArchTest
  static final ArchRule ONLY_THE_DEMO_USES_THE_TEST_KIT =
      noClasses()
          .that(not(resideInAPackage("io.gatehouse.app.demo..")).as("are not in the demo"))
          .and(not(resideInAPackage("io.gatehouse.testkit..")).as("are not in the test kit"))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.gatehouse.testkit..");

  /** The properties of each client come from {@code KafkaAccess}. */
  @ArchTest
  static final ArchRule ONLY_CONTROL_HAS_KAFKA_CLIENTS_OF_ITS_OWN =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.gatehouse.control..", "io.gatehouse.app.demo..", "io.gatehouse.testkit..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka.clients..");

  /** These classes build objects of a size that the client chooses, some in quadratic time. */
  @ArchTest
  static final ArchRule NO_REQUEST_MEETS_KAFKAS_MESSAGE_CLASSES =
      noClasses()
          .that()
          .resideInAnyPackage("io.gatehouse.gateway..", "io.gatehouse.wire..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.kafka..");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CIRCLES =
      slices().matching("io.gatehouse.app.(*)..").should().beFreeOfCycles();

  /** Every package is separate, including subpackages. */
  @ArchTest
  static final ArchRule PACKAGES_OF_AUTH_HAVE_NO_CIRCLES =
      slices().matching("io.gatehouse.auth.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule PACKAGES_OF_WIRE_HAVE_NO_CIRCLES =
      slices().matching("io.gatehouse.wire.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule PACKAGES_OF_GATEWAY_HAVE_NO_CIRCLES =
      slices().matching("io.gatehouse.gateway.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule PACKAGES_OF_CONTROL_HAVE_NO_CIRCLES =
      slices().matching("io.gatehouse.control.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule NAMES_SAY_WHAT_A_CLASS_IS =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Impl")
          .orShould()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Helper")
          .orShould()
          .haveSimpleNameEndingWith("Manager");

  @ArchTest
  static final ArchRule PICOCLI_IS_NOT_ON_THE_WAY_TO_THE_FIRST_CLIENT =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("io.gatehouse.app.Usage")
          .and()
          .resideInAPackage("io.gatehouse..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  /** Its jars are signed: loading the first class costs 0.15 s and about 10 MB. */
  @ArchTest
  static final ArchRule BOUNCY_CASTLE_IS_LOADED_BY_THOSE_WHO_NEED_IT_ONLY =
      noClasses()
          .that()
          .resideInAPackage("io.gatehouse..")
          .and()
          .resideOutsideOfPackage("io.gatehouse.testkit..")
          .and()
          .doNotHaveFullyQualifiedName("io.gatehouse.tls.BouncyCastleKeys")
          .and()
          .doNotHaveFullyQualifiedName("io.gatehouse.tls.SubjectFields")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bouncycastle..");
}
