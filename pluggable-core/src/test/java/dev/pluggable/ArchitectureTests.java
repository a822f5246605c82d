package dev.pluggable;

import java.util.Arrays;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import dev.pluggable.fixtures.PublicTypes;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

/**
 * The rules for dependencies between the packages of the core.
 */
@AnalyzeClasses(packages = "dev.pluggable", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String[] BUILDING_BLOCKS = { "dev.pluggable.state..", "dev.pluggable.pubsub..",
			"dev.pluggable.bindings..", "dev.pluggable.secrets..", "dev.pluggable.hello.." };

	/**
	 * Packages that must not depend on any particular kind of component.
	 */
	private static final String[] ENGINE = { "dev.pluggable.endpoint..", "dev.pluggable.discovery..",
			"dev.pluggable.transport..", "dev.pluggable.plugin..", "dev.pluggable.remote..", "dev.pluggable.server..",
			"dev.pluggable.internal.." };

	private static final DescribedPredicate<JavaClass> ENGINE_ROOMS = describe("are in a room of the engine",
			(JavaClass type) -> isIn(type, "dev.pluggable.internal") && !isIn(type, "dev.pluggable.internal.support"));

	@ArchTest
	static final ArchRule coreIsFreeOfSpring = noClasses().that()
		.resideInAPackage("dev.pluggable..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("org.springframework..");

	@ArchTest
	static final ArchRule packagesAreFreeOfCycles = slices().assignedFrom(eachPackage()).should().beFreeOfCycles();

	@ArchTest
	static final ArchRule rootDependsOnNoRoom = noClasses().that()
		.resideInAPackage("dev.pluggable")
		.should()
		.dependOnClassesThat(describe("are in a room of the core",
				(JavaClass type) -> type.getPackageName().startsWith("dev.pluggable.")
						&& !isIn(type, "dev.pluggable.internal.support")));

	@ArchTest
	static final ArchRule toolboxesDoNotKnowTheEngine = noClasses().that()
		.resideInAnyPackage("dev.pluggable.kind", "dev.pluggable.stream")
		.should()
		.dependOnClassesThat(ENGINE_ROOMS);

	@ArchTest
	static final ArchRule buildingBlocksDoNotKnowTheEngineRooms = noClasses().that()
		.resideInAnyPackage(BUILDING_BLOCKS)
		.should()
		.dependOnClassesThat(ENGINE_ROOMS);

	@ArchTest
	static final ArchRule buildingBlocksDoNotKnowTheEngine = noClasses().that()
		.resideInAnyPackage(BUILDING_BLOCKS)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("dev.pluggable.endpoint..", "dev.pluggable.discovery..", "dev.pluggable.plugin..",
				"dev.pluggable.transport..", "dev.pluggable.host..", "dev.pluggable.server..");

	@ArchTest
	static final ArchRule theEngineKnowsNoParticularKind = noClasses().that()
		.resideInAnyPackage(ENGINE)
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage(BUILDING_BLOCKS);

	@ArchTest
	static final ArchRule kindsAreListedOnce = noClasses().that()
		.resideInAPackage("dev.pluggable.host..")
		.and()
		.doNotHaveSimpleName("BuiltInKinds")
		.and(describe("do not read secrets for metadata", (JavaClass type) -> !readsSecrets(type)))
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage(BUILDING_BLOCKS);

	/**
	 * Components can take metadata from a secret store, so one class of the host depends
	 * on the kind of secret stores. No class of the host depends on another kind.
	 */
	@ArchTest
	static final ArchRule secretReferencesKnowSecretStoresOnly = noClasses()
		.that(describe("read secrets for metadata", ArchitectureTests::readsSecrets))
		.should()
		.dependOnClassesThat(describe("are in the room of another kind",
				(JavaClass type) -> Arrays.stream(BUILDING_BLOCKS)
					.filter((block) -> !block.startsWith("dev.pluggable.secrets"))
					.anyMatch((block) -> isIn(type, block.replace("..", "")))));

	/**
	 * The broker implements a service of go-plugin, so only its package uses the
	 * generated code of that service.
	 */
	@ArchTest
	static final ArchRule protoTypesDoNotLeak = noClasses().that()
		.resideInAPackage("dev.pluggable..")
		.and()
		.resideOutsideOfPackages("dev.pluggable.proto..", "dev.pluggable.internal.broker..")
		.and(describe("are not the wire side of a kind", (JavaClass type) -> !wireSide(topLevel(type))))
		.should()
		.dependOnClassesThat()
		.resideInAPackage("dev.pluggable.proto..");

	@ArchTest
	static final ArchRule wireSideIsHidden = classes().that()
		.resideInAnyPackage(BUILDING_BLOCKS)
		.and(describe("are proxies or services",
				(JavaClass type) -> type.getSimpleName().startsWith("Grpc")
						|| type.getSimpleName().endsWith("Service")))
		.should()
		.notHaveModifier(JavaModifier.PUBLIC);

	/**
	 * A signal may harm a process that is not ours. One class sends all signals, and
	 * knows why a process is ours.
	 */
	@ArchTest
	static final ArchRule oneClassSendsSignals = noClasses().that()
		.doNotHaveFullyQualifiedName("dev.pluggable.internal.process.OwnedProcess")
		.should()
		.accessTargetWhere(describe("ends a process",
				(JavaAccess<?> access) -> access.getName().startsWith("destroy")
						&& (access.getTargetOwner().isAssignableTo(Process.class)
								|| access.getTargetOwner().isAssignableTo(ProcessHandle.class))));

	@ArchTest
	static void publicTypesAreListed(JavaClasses classes) {
		PublicTypes.assertListed();
	}

	private static SliceAssignment eachPackage() {
		return new SliceAssignment() {

			@Override
			public SliceIdentifier getIdentifierOf(JavaClass type) {
				return isIn(type, "dev.pluggable") ? SliceIdentifier.of(type.getPackageName())
						: SliceIdentifier.ignore();
			}

			@Override
			public String getDescription() {
				return "each package";
			}

		};
	}

	private static boolean isIn(JavaClass type, String room) {
		return (type.getPackageName() + ".").startsWith(room + ".");
	}

	private static boolean readsSecrets(JavaClass type) {
		return type.getPackageName().equals("dev.pluggable.host") && topLevel(type).equals("SecretReferences");
	}

	private static String topLevel(JavaClass type) {
		JavaClass outermost = type;
		while (outermost.getEnclosingClass().isPresent()) {
			outermost = outermost.getEnclosingClass().get();
		}
		return outermost.getSimpleName();
	}

	private static boolean wireSide(String name) {
		return name.startsWith("Grpc") || name.endsWith("Service") || name.endsWith("Kind");
	}

}
