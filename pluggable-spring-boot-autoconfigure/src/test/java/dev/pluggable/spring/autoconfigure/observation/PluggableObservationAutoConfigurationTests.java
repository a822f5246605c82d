package dev.pluggable.spring.autoconfigure.observation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.ComponentException;
import dev.pluggable.fixtures.ComponentProcess;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.observation.CallListener;
import dev.pluggable.observation.CallResult;
import dev.pluggable.observation.ObservedCall;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.observation.CallObservationContext;
import dev.pluggable.spring.observation.CallObservationConvention;
import dev.pluggable.spring.observation.DefaultCallObservationConvention;
import dev.pluggable.spring.observation.ObservationCallListener;
import dev.pluggable.state.StateStore;
import io.grpc.Metadata;
import io.grpc.Status;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link PluggableObservationAutoConfiguration}.
 */
class PluggableObservationAutoConfigurationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	@TempDir
	private Path folder;

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableObservationAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.required=true", "pluggable.startup-timeout=0s");
	}

	private ApplicationContextRunner observed() {
		return this.runner.withBean(ObservationRegistry.class, () -> this.registry);
	}

	@Test
	void aCallToAProcessIsObserved() {
		try (ComponentProcess process = ComponentProcess.stateStore(this.folder.resolve("h2.sock"))) {
			observed().run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				context.getBean("orders", StateStore.class).get("key");
				TestObservationRegistryAssert.assertThat(this.registry)
					.hasNumberOfObservationsWithNameEqualTo("pluggable.call", 1)
					.hasObservationWithNameEqualTo("pluggable.call")
					.that()
					.hasContextualNameEqualTo("orders Get")
					.hasBeenStopped()
					.hasLowCardinalityKeyValue("component", "orders")
					.hasLowCardinalityKeyValue("kind", "state")
					.hasLowCardinalityKeyValue("operation", "Get")
					.hasLowCardinalityKeyValue("endpoint", "h2")
					.hasLowCardinalityKeyValue("outcome", "ok")
					.hasLowCardinalityKeyValue("status.code", "OK")
					.hasLowCardinalityKeyValue("may.have.been.applied", "true")
					.hasLowCardinalityKeyValue("waited.at.gate", "false")
					.doesNotHaveError();
			});
		}
	}

	@Test
	void theErrorOfACallHasNoTextOfTheComponent() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			server.getStatus = () -> Status.INTERNAL.withDescription("a secret");
			observed().run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				StateStore store = context.getBean("orders", StateStore.class);
				assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> store.get("key"));
				TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("pluggable.call")
					.that()
					.hasLowCardinalityKeyValue("outcome", "failed")
					.hasLowCardinalityKeyValue("status.code", "INTERNAL")
					.satisfies((observation) -> assertThat(observation.getError()).hasMessage("INTERNAL"));
			});
		}
	}

	@Test
	void aCallIsTheChildOfTheCurrentObservation() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			observed().run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				StateStore store = context.getBean("orders", StateStore.class);
				Observation parent = Observation.createNotStarted("parent", this.registry);
				parent.observe(() -> store.get("key"));
				TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("pluggable.call")
					.that()
					.hasParentObservationEqualTo(parent);
			});
		}
	}

	@Test
	void aPropagatorReachesTheHeaders() {
		CallObservationContext context = new CallObservationContext(
				new ObservedCall("orders", "state", "h2", StateStoreGrpc.getGetMethod()), new Metadata());
		context.getSetter().set(context.getCarrier(), "traceparent", "00-1-2-01");
		assertThat(context.getCarrier().get(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER)))
			.isEqualTo("00-1-2-01");
	}

	@Test
	void aTraceThatTheCallCarriesStaysAndANameThatIsNoHeaderIsLeftOut() {
		Metadata headers = new Metadata();
		Metadata.Key<String> name = Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
		headers.put(name, "of the plugin");
		CallObservationContext context = new CallObservationContext(
				new ObservedCall("orders", "state", "h2", StateStoreGrpc.getGetMethod()), headers);
		context.getSetter().set(headers, "traceparent", "of the host");
		context.getSetter().set(headers, "two words", "value");
		context.getSetter().set(headers, "baggage", "k=" + "x".repeat(4095));
		assertThat(headers.getAll(name)).containsExactly("of the plugin");
		assertThat(headers.keys()).containsExactly("traceparent");
	}

	@Test
	void namesThatOthersChooseAreBounded() {
		ObservationCallListener listener = new ObservationCallListener(this.registry, null);
		for (int i = 0; i < 1001; i++) {
			listener
				.started(
						new ObservedCall("object" + i, "state", "h2",
								StateStoreGrpc.getGetMethod().toBuilder().setFullMethodName("s/Method" + i).build()),
						new Metadata())
				.ended(CallResult.of(Status.OK, false), Status.OK);
		}
		TestObservationRegistryAssert.assertThat(this.registry)
			.hasAnObservation((observation) -> observation.hasContextualNameEqualTo("object999 Method999"))
			.hasAnObservation((observation) -> observation.hasContextualNameEqualTo("other other"));
	}

	@Test
	void aConventionOfTheApplicationIsUsed() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			observed().withBean(CallObservationConvention.class, () -> new DefaultCallObservationConvention() {

				@Override
				public String getName() {
					return "own.call";
				}

			}).run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				context.getBean("orders", StateStore.class).get("key");
				TestObservationRegistryAssert.assertThat(this.registry).hasObservationWithNameEqualTo("own.call");
			});
		}
	}

	@Test
	void aListenerOfTheApplicationHearsOfCallsBesideTheObservation() throws Exception {
		List<String> heard = new CopyOnWriteArrayList<>();
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			observed().withBean("own", CallListener.class, () -> (call, headers) -> {
				heard.add(call.operation());
				return (result, status) -> heard.add(result.outcome().name());
			}).run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				context.getBean("orders", StateStore.class).get("key");
				assertThat(heard).containsExactly("Get", "OK");
				TestObservationRegistryAssert.assertThat(this.registry)
					.hasNumberOfObservationsWithNameEqualTo("pluggable.call", 1);
			});
		}
	}

	@Test
	void nobodyListensWithoutARegistry() {
		this.runner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(CallListener.class));
	}

	@Test
	void backsOffWithoutMicrometer() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			this.runner.withClassLoader(new FilteredClassLoader(ObservationRegistry.class)).run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(CallListener.class);
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				assertThat(context.getBean("orders", StateStore.class).get("key")).isPresent();
			});
		}
	}

}
