package dev.pluggable.spring.autoconfigure;

import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.pluggable.fixtures.InternalPackages;
import dev.pluggable.fixtures.PublicTypes;

import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.context.annotation.Bean;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * Checks the rules of this module: the list of public types, the dependencies between
 * packages, and the declaration of beans.
 */
@AnalyzeClasses(packages = "dev.pluggable.spring", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String SPRING = "dev.pluggable.spring";

	private static final String WIRING = SPRING + ".autoconfigure";

	@ArchTest
	static final ArchRule enginesKnowNoWiring = noClasses().that()
		.resideOutsideOfPackage(WIRING + "..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(WIRING + "..");

	@ArchTest
	static final ArchRule internalPackagesOfTheCoreAreNotUsed = InternalPackages.ARE_NOT_USED;

	@ArchTest
	static final ArchRule messagingAndJacksonStayInTheirPackages = noClasses().that()
		.resideOutsideOfPackages(packages("listener", "pubsub", "bindings", "state"))
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.messaging..", "tools.jackson..");

	@ArchTest
	static final ArchRule autoConfigurationsArePublicAndFinal = classes().that()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic()
		.andShould()
		.haveModifier(JavaModifier.FINAL)
		.andShould()
		.haveSimpleNameEndingWith("AutoConfiguration");

	@ArchTest
	static final ArchRule autoConfigurationsHaveNoPublicMethods = noMethods().that()
		.areDeclaredInClassesThat()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.bePublic()
		.orShould()
		.beProtected();

	@ArchTest
	static final ArchRule autoConfigurationsHaveNoVisibleFields = noFields().that()
		.areDeclaredInClassesThat()
		.areAnnotatedWith(AutoConfiguration.class)
		.should()
		.notBePrivate()
		.allowEmptyShould(true);

	@ArchTest
	static final ArchRule beanMethodsArePackagePrivate = methods().that()
		.areAnnotatedWith(Bean.class)
		.should()
		.bePackagePrivate();

	@ArchTest
	static final ArchRule postProcessorsAreMadeByStaticMethods = methods().that()
		.areAnnotatedWith(Bean.class)
		.and()
		.haveRawReturnType(describe("a post-processor of bean definitions or beans",
				(JavaClass type) -> type.isAssignableTo(BeanFactoryPostProcessor.class)
						|| type.isAssignableTo(BeanPostProcessor.class)))
		.should()
		.beStatic();

	@ArchTest
	static final ArchRule beanMethodsReturnWhatCanBeSeen = noMethods().that()
		.areAnnotatedWith(Bean.class)
		.should()
		.haveRawReturnType(
				describe("a private type", (JavaClass type) -> type.getModifiers().contains(JavaModifier.PRIVATE)));

	@ArchTest
	static final ArchRule wireTypesAreUnknown = noClasses().should()
		.dependOnClassesThat()
		.resideInAPackage("dev.pluggable.proto..");

	@ArchTest
	static final ArchRule packagesAreFreeOfCycles = slices().matching("dev.pluggable.spring.(**)")
		.should()
		.beFreeOfCycles();

	@ArchTest
	static final ArchRule optionalPartsStayInTheirPackages = noClasses().that()
		.resideOutsideOfPackages(packages("health", "endpoint", "grpc"))
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.boot.actuate..", "org.springframework.boot.health..",
				"org.springframework.boot.grpc..", "org.springframework.grpc..", "jakarta.servlet..");

	@ArchTest
	static final ArchRule onlyTheHttpBindingKnowsSpringWeb = noClasses().that()
		.resideOutsideOfPackages(packages("health", "endpoint", "grpc"))
		.and()
		.haveNameNotMatching(".*\\.bindings\\.(HttpBinding|PluggableBindingsAutoConfiguration)(\\$.*)?")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.web..", "org.springframework.http..");

	@ArchTest
	static void publicTypesAreListed(JavaClasses classes) {
		PublicTypes.assertListed();
	}

	/**
	 * The packages of the topics, both the engines and the auto-configurations.
	 */
	private static String[] packages(String... topics) {
		return Stream.of(topics)
			.flatMap((topic) -> Stream.of(SPRING + "." + topic + "..", WIRING + "." + topic + ".."))
			.toArray(String[]::new);
	}

}
