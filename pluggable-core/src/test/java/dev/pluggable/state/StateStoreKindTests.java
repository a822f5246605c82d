package dev.pluggable.state;

import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentType;
import dev.pluggable.fixtures.TestGeneration;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.StateProto;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class StateStoreKindTests {

	private final StateStoreKind kind = StateStoreKind.INSTANCE;

	private final FakeComponent component = new FakeComponent();

	private TestServer server;

	@BeforeEach
	void start() throws IOException {
		this.server = TestServer.of(this.component.services());
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.server.close();
	}

	@Test
	void whenAskedThenKindIsDescribed() {
		assertThat(this.kind.name()).isEqualTo("state");
		assertThat(this.kind.type()).isEqualTo(StateStore.class);
		assertThat(this.kind.services()).containsExactly("dapr.proto.components.v1.StateStore");
	}

	@Test
	void whenInitializedThenInitComesBeforeFeatures() {
		this.component.answer("Init", StateProto.InitResponse.getDefaultInstance())
			.answer("Features",
					CommonProto.FeaturesResponse.newBuilder()
						.addFeatures("ETAG")
						.addFeatures("ETAG")
						.addFeatures("OTHER")
						.build());
		Set<String> features = this.kind
			.initialize(TestGeneration.of(this.server.channel()), context(Map.of("host", "x")))
			.toCompletableFuture()
			.join();
		assertThat(features).containsExactlyInAnyOrder("ETAG", "OTHER");
		assertThat(this.component.methods()).containsExactly("Init", "Features");
		assertThat(this.component.<StateProto.InitRequest>last("Init").getMetadata().getPropertiesMap())
			.containsExactly(Map.entry("host", "x"));
	}

	@Test
	void whenInitFailsThenFeaturesAreNotAsked() {
		this.component.answer("Init", Status.INVALID_ARGUMENT.asRuntimeException());
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> this.kind.initialize(TestGeneration.of(this.server.channel()), context(Map.of()))
				.toCompletableFuture()
				.join())
			.satisfies((ex) -> assertThat(Status.fromThrowable(ex).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
		assertThat(this.component.methods()).containsExactly("Init");
	}

	@Test
	void whenPingedThenPingIsCalled() {
		this.component.answer("Ping", CommonProto.PingResponse.getDefaultInstance());
		assertThat(this.kind.ping(this.server.channel()).toCompletableFuture().join()).isNotNull();
		this.component.answer("Ping", Status.UNIMPLEMENTED.asRuntimeException());
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> this.kind.ping(this.server.channel()).toCompletableFuture().join())
			.satisfies((ex) -> assertThat(Status.fromThrowable(ex).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
	}

	@Test
	void whenServedThenAllFourServicesAreThere() {
		assertThat(this.kind.serve(new TestInstances(null))).map(ServerServiceDefinition::getServiceDescriptor)
			.map((descriptor) -> descriptor.getName())
			.containsExactly("dapr.proto.components.v1.StateStore", "dapr.proto.components.v1.TransactionalStateStore",
					"dapr.proto.components.v1.QueriableStateStore",
					"dapr.proto.components.v1.TransactionalStoreMultiMaxSize");
	}

	@Test
	void whenBuiltInIsMadeThenItIsInMemoryAndIgnoresUnknownMetadata() throws Exception {
		assertThat(this.kind.builtIns()).containsOnlyKeys("in-memory");
		ComponentFactory<StateStore> factory = this.kind.builtIns().get("in-memory");
		assertThat(factory).isNotNull();
		if (factory != null) {
			StateStore first = factory.create("a", Map.of("unknown", "x"));
			first.set("k", new byte[0]);
			assertThat(first).isInstanceOf(InMemoryStateStore.class);
			assertThat(factory.create("b", Map.of()).get("k")).isEmpty();
		}
	}

	private static ComponentContext context(Map<String, String> metadata) {
		return new ComponentContext("orders", ComponentType.of("state.test"), metadata, ApplicationIdentity.UNKNOWN);
	}

}
