package dev.pluggable.autoconfigure;

import java.util.Set;
import java.util.TreeSet;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

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
import static org.assertj.core.api.Assertions.assertThat;

/**
 * The rules of this module: what is public, what may depend on what, and how beans are
 * declared.
 */
@AnalyzeClasses(packages = { "dev.pluggable.autoconfigure", "dev.pluggable.spring" },
		importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String ROOT = "dev.pluggable.autoconfigure";

	/**
	 * What application developers need, and no more. Their nested types are public too.
	 */
	private static final Set<String> PUBLIC = Set.of("ComponentBeans", "ComponentDeclarationSource",
			"InvalidSocketFolderException", "PluggableAutoConfiguration", "PluggableProperties",
			"RequiredComponentsUnavailableException", "RequiredPluginsUnavailableException",
			"bindings.PluggableBindingListenerAutoConfiguration", "bindings.PluggableBindingsAutoConfiguration",
			"listener.PluggableListenerAutoConfiguration", "pubsub.PluggablePubSubAutoConfiguration",
			"state.PluggableStateAutoConfiguration", "diagnostics.PluggableDiagnosticsAutoConfiguration",
			"endpoint.PluggableDescriptor", "endpoint.PluggableEndpoint", "endpoint.PluggableEndpointAutoConfiguration",
			"grpc.PluggableGrpcInterceptorsAutoConfiguration", "health.PluggableHealthContributorAutoConfiguration",
			"plugin.PluggablePluginAutoConfiguration", "resources.PluggableResourcesAutoConfiguration",
			"server.ComponentServers", "server.PluggableServerAutoConfiguration", "server.PluggableServerProperties");

	private static final String SPRING = "dev.pluggable.spring";

	/**
	 * The same for what applications use of Spring's programming models.
	 */
	private static final Set<String> PUBLIC_IN_SPRING = Set.of("bindings.BindingHeaders", "bindings.BindingListener",
			"bindings.BindingListeners", "listener.InvalidListenerException", "listener.InvalidPayloadException",
			"listener.ListenerRegistry", "listener.ListenerStatus", "plugin.HostService",
			"plugin.HostServiceCustomizer", "pubsub.PubSubHeaders", "pubsub.PubSubTemplate", "pubsub.PubSubTemplates",
			"pubsub.TopicListener", "pubsub.TopicListeners", "server.PluggableComponent",
			"state.StateConversionException", "state.StateEntry", "state.StateTemplate");

	/**
	 * Public for other packages of this module only, and said to be.
	 */
	private static final Set<String> INTERNAL = Set.of("bindings.BindingListenerProcessor", "listener.AsyncResults",
			"listener.ComponentLookup", "listener.JsonPlace", "listener.ListenerContainers",
			"listener.ListenerDefinition", "listener.ListenerMethod", "listener.ListenerMethods",
			"listener.ListenerReflectiveProcessor", "listener.ListenerSite", "listener.ListenerStream",
			"listener.PayloadConverter", "listener.ReceivedMessages", "pubsub.CloudEventFormat",
			"pubsub.TopicListenerProcessor");

	@ArchTest
	static final ArchRule programmingModelsKnowNoAutoConfiguration = noClasses().that()
		.resideInAPackage(SPRING + "..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage(ROOT + "..");

	@ArchTest
	static final ArchRule messagingAndJacksonStayInTheirRooms = noClasses().that()
		.resideOutsideOfPackages(SPRING + "..", ROOT + ".listener..", ROOT + ".pubsub..", ROOT + ".bindings..",
				ROOT + ".state..")
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
	static final ArchRule packagesAreFreeOfCycles = slices().matching("dev.pluggable.(**)").should().beFreeOfCycles();

	@ArchTest
	static final ArchRule theRootKnowsNoRoom = noClasses().that()
		.resideInAPackage(ROOT)
		.should()
		.dependOnClassesThat(describe("are in a room of this module",
				(JavaClass type) -> type.getPackageName().startsWith(ROOT + ".")));

	@ArchTest
	static final ArchRule optionalPartsStayInTheirRooms = noClasses().that()
		.resideOutsideOfPackages(ROOT + ".health..", ROOT + ".endpoint..", ROOT + ".grpc..")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.boot.actuate..", "org.springframework.boot.health..",
				"org.springframework.boot.grpc..", "org.springframework.grpc..", "jakarta.servlet..");

	@ArchTest
	static final ArchRule onlyTheHttpBindingKnowsSpringWeb = noClasses().that()
		.resideOutsideOfPackages(ROOT + ".health..", ROOT + ".endpoint..", ROOT + ".grpc..")
		.and()
		.haveNameNotMatching(".*\\.bindings\\.(HttpBinding|PluggableBindingsAutoConfiguration)(\\$.*)?")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.web..", "org.springframework.http..");

	@ArchTest
	static void onlyWhatIsMeantIsPublic(JavaClasses classes) {
		assertThat(publicTypes(classes, ROOT)).containsExactlyInAnyOrderElementsOf(PUBLIC);
		Set<String> spring = new TreeSet<>(PUBLIC_IN_SPRING);
		spring.addAll(INTERNAL);
		assertThat(publicTypes(classes, SPRING)).containsExactlyInAnyOrderElementsOf(spring);
	}

	private static Set<String> publicTypes(JavaClasses classes, String root) {
		Set<String> found = new TreeSet<>();
		for (JavaClass type : classes) {
			if (type.getModifiers().contains(JavaModifier.PUBLIC) && type.getEnclosingClass().isEmpty()
					&& type.getName().startsWith(root + ".")) {
				found.add(type.getName().substring(root.length() + 1));
			}
		}
		return found;
	}

}
