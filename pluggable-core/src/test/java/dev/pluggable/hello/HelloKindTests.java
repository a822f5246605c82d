package dev.pluggable.hello;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.Component;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.ProbeResult;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.proto.layotto.v1.HelloProto;
import dev.pluggable.proto.layotto.v1.LayottoCommonProto;
import dev.pluggable.server.ComponentServer;
import io.grpc.Status;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link HelloKind}, its proxy and its service, over a real socket.
 */
class HelloKindTests {

	@TempDir
	Path folder;

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private ComponentHost host;

	@AfterEach
	void close() throws Exception {
		if (this.host != null) {
			this.host.close();
		}
		for (AutoCloseable closeable : this.closeables) {
			closeable.close();
		}
	}

	@Test
	void whenAskedThenKindIsDescribed() {
		assertThat(HelloKind.INSTANCE.name()).isEqualTo("hello");
		assertThat(HelloKind.INSTANCE.type()).isEqualTo(Hello.class);
		assertThat(HelloKind.INSTANCE.services()).containsExactly("spec.proto.pluggable.v1.hello.Hello");
		assertThat(HelloKind.INSTANCE.builtIns()).isEmpty();
	}

	@Test
	void whenLayottosDemoIsThereThenItSaysWhatWasConfigured() {
		LayottoDemoServer demo = demo();
		Component<Hello> hello = start(Map.of("hello", "servus", "token", "123456", "color", "blue"));
		await().until(() -> hello.status().state() == ComponentState.READY);
		assertThat(hello.instance().sayHello("world")).isEqualTo("servus");
		assertThat(hello.status().features()).isEmpty();
		assertThat(demo.inits).containsExactly(HelloProto.HelloConfig.newBuilder()
			.setType("hello-grpc-demo")
			.setHelloString("servus")
			.putMetadata("token", "123456")
			.putMetadata("color", "blue")
			.build());
		await().until(() -> hello.status().probe() != ProbeResult.NONE);
		assertThat(hello.status().probe().health()).isEqualTo(ProbeResult.Health.UNKNOWN);
	}

	@Test
	void whenTheTokenIsWrongThenTheReasonIsKeptWithoutIt() {
		demo();
		Component<Hello> hello = start(Map.of("hello", "servus", "token", "654321"));
		await().until(() -> hello.status().state() == ComponentState.INIT_FAILED);
		assertThat(hello.status().reason()).contains("auth failed").doesNotContain("654321");
	}

	@Test
	void whenTheDemoIsReplacedThenItIsInitialisedAgain() {
		LayottoDemoServer first = demo();
		Component<Hello> hello = start(Map.of("hello", "servus", "token", "123456"));
		await().until(() -> hello.status().state() == ComponentState.READY);
		first.close();
		await().until(() -> hello.status().state() == ComponentState.UNAVAILABLE);
		demo();
		await().until(() -> hello.status().state() == ComponentState.READY);
		assertThat(hello.instance().sayHello("")).isEqualTo("servus");
	}

	@Test
	void whenMetadataHasReservedNamesThenTheyHaveTheirPlaceAndComeBack() {
		Map<String, String> metadata = Map.of("hello", "h", "componentRef.secretStore", "vault",
				"componentRef.configStore", "etcd", "secretRef.1.storeName", "b", "secretRef[0].storeName", "a",
				"secretRef.0.key", "k", "secretRef.0.subKey", "s", "secretRef.0.injectAs", "i", "other", "o");
		HelloProto.HelloConfig config = GrpcHelloConfig.toProto(
				new ComponentContext("greeter", ComponentType.of("hello.x"), metadata, ApplicationIdentity.UNKNOWN));
		assertThat(config.getMetadataMap()).isEqualTo(Map.of("other", "o"));
		assertThat(config.getConfig().getComponentRef()).isEqualTo(LayottoCommonProto.ComponentRefConfig.newBuilder()
			.setSecretStore("vault")
			.setConfigStore("etcd")
			.build());
		assertThat(config.getConfig().getSecretRefList())
			.containsExactly(LayottoCommonProto.SecretRefConfig.newBuilder()
				.setStoreName("a")
				.setKey("k")
				.setSubKey("s")
				.setInjectAs("i")
				.build(), LayottoCommonProto.SecretRefConfig.newBuilder().setStoreName("b").build());
		Map<String, String> back = new HashMap<>(metadata);
		back.remove("secretRef[0].storeName");
		back.put("secretRef.0.storeName", "a");
		assertThat(GrpcHelloConfig.toMetadata(config)).isEqualTo(back);
	}

	@ParameterizedTest
	@ValueSource(strings = { "secretRef.0.storename", "secretRef.x.key", "secretRef", "componentRef.secret",
			"secretRef.99999999999.key" })
	void whenAReservedNameIsMisspeltThenTheErrorNamesIt(String name) {
		demo();
		Component<Hello> hello = start(Map.of("token", "123456", name, "t0p"));
		await().until(() -> hello.status().state() == ComponentState.INIT_FAILED);
		assertThat(hello.status().reason()).contains("'" + name + "'").contains("secretRef.<n>").doesNotContain("t0p");
	}

	@Test
	void whenAHelloIsServedThenItIsReached() {
		List<Map<String, String>> inits = new ArrayList<>();
		this.closeables.add(ComponentServer.builder(this.folder.resolve("hello-grpc-demo.sock"))
			.serve(HelloKind.INSTANCE, (name, metadata) -> {
				inits.add(metadata);
				return (who) -> {
					if (who.isEmpty()) {
						throw new InvalidRequestException("to whom?");
					}
					return metadata.get("hello") + " " + who;
				};
			})
			.start());
		Component<Hello> hello = start(Map.of("hello", "servus", "token", "1"));
		await().until(() -> hello.status().state() == ComponentState.READY);
		assertThat(hello.instance().sayHello("world")).isEqualTo("servus world");
		assertThat(inits).containsExactly(Map.of("hello", "servus", "token", "1"));
		assertThatExceptionOfType(InvalidRequestException.class).isThrownBy(() -> hello.instance().sayHello(""))
			.withMessageContaining("SayHello on hello component 'greeter'");
	}

	@Test
	void whenTwoShareASocketThenEachHasItsConfiguration() {
		this.closeables.add(ComponentServer.builder(this.folder.resolve("hello-grpc-demo.sock"))
			.serve(HelloKind.INSTANCE, (name, metadata) -> (who) -> metadata.get("hello") + " from " + name)
			.start());
		this.host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List.of(declaration("one", Map.of("hello", "servus")),
					declaration("two", Map.of("hello", "moin")))));
		this.host.start();
		for (String name : List.of("one", "two")) {
			Component<Hello> hello = this.host.registry().find(HelloKind.INSTANCE, name).orElseThrow();
			await().until(() -> hello.status().state() == ComponentState.READY);
			assertThat(hello.instance().sayHello(""))
				.isEqualTo((name.equals("one") ? "servus" : "moin") + " from " + name);
		}
	}

	@Test
	void whenPingedThenTheContractHasNone() {
		assertThatExceptionOfType(CompletionException.class)
			.isThrownBy(() -> HelloKind.INSTANCE.ping(null).toCompletableFuture().join())
			.satisfies((ex) -> assertThat(Status.fromThrowable(ex).getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
	}

	private LayottoDemoServer demo() {
		LayottoDemoServer demo = new LayottoDemoServer(this.folder.resolve("hello-grpc-demo.sock")).start();
		this.closeables.add(demo);
		return demo;
	}

	private Component<Hello> start(Map<String, String> metadata) {
		this.host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List.of(declaration("greeter", metadata))));
		this.host.start();
		return this.host.registry().find(HelloKind.INSTANCE, "greeter").orElseThrow();
	}

	private static ComponentDeclaration declaration(String name, Map<String, String> metadata) {
		return new ComponentDeclaration(name, ComponentType.of("hello.hello-grpc-demo"), true, metadata,
				HostSettings.defaultComponentSettings());
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20));
	}

}
