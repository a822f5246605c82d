package dev.pluggable.spring.autoconfigure.grpc;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

import com.google.common.util.concurrent.ListenableFuture;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Components;
import dev.pluggable.fixtures.FakeGreeter;
import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.fixtures.GreeterMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetResponse;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.grpc.ComponentChannelFactory;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import kotlin.coroutines.EmptyCoroutineContext;
import kotlinx.coroutines.BuildersKt;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.Mockito;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.grpc.client.autoconfigure.CompositeChannelFactoryAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.grpc.client.ChannelBuilderOptions;
import org.springframework.grpc.client.CoroutineStubFactory;
import org.springframework.grpc.client.GlobalClientInterceptor;
import org.springframework.grpc.client.GrpcChannelFactory;
import org.springframework.grpc.client.ImportGrpcClients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;

/**
 * Tests for {@link PluggableGrpcClientAutoConfiguration} with a greeter on a real socket.
 */
@Timeout(120)
class PluggableGrpcClientAutoConfigurationTests {

	private static final Queue<String> intercepted = new ConcurrentLinkedQueue<>();

	@TempDir
	Path folder;

	@AfterEach
	void nothingIsLeft() {
		intercepted.clear();
		Awaitility.await()
			.atMost(Duration.ofSeconds(30))
			.until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().startsWith("pluggable-")));
	}

	private ApplicationContextRunner runner() {
		return runnerWithoutBoot()
			.withConfiguration(AutoConfigurations.of(GrpcClientAutoConfiguration.class,
					CompositeChannelFactoryAutoConfiguration.class))
			.withBean(SslBundles.class, () -> Mockito.mock(SslBundles.class));
	}

	private ApplicationContextRunner runnerWithoutBoot() {
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableGrpcClientAutoConfiguration.class, PluggableGrpcInterceptorsAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.startup-timeout=0s",
					"pluggable.defaults.outage-grace=50s", "pluggable.discovery.initial-wait=10s");
	}

	private ApplicationContextRunner declaring() {
		return runner().withPropertyValues("pluggable.components.greeter.type=grpc.hello",
				"spring.grpc.client.channel.greeter.target=pluggable:greeter");
	}

	private FakeGreeter greeter() {
		return new FakeGreeter(this.folder.resolve("hello.sock"));
	}

	private static GreetRequest request(String name) {
		return GreetRequest.newBuilder().setName(name).build();
	}

	@Test
	void whenAStubIsImportedForAComponentThenItCallsTheComponent() {
		try (FakeGreeter greeter = greeter().start()) {
			declaring().withUserConfiguration(Stubs.class).run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")).getGreeting())
					.isEqualTo("Hello, Ada");
				assertThat(context.getBean(GreeterGrpc.GreeterBlockingV2Stub.class).greet(request("Bob")).getGreeting())
					.isEqualTo("Hello, Bob");
				ListenableFuture<GreetResponse> future = context.getBean(GreeterGrpc.GreeterFutureStub.class)
					.greet(request("Cleo"));
				assertThat(future.get(10, TimeUnit.SECONDS).getGreeting()).isEqualTo("Hello, Cleo");
				assertThat(context.getBean(GreeterGrpc.GreeterStub.class).getChannel())
					.isInstanceOf(ManagedChannel.class);
				assertThat(greeter.calls).containsExactly("greeter Greet", "greeter Greet", "greeter Greet");
			});
		}
	}

	@Test
	void whenAStubForCoroutinesIsImportedThenItReachesEachProcess() {
		declaring().withUserConfiguration(CoroutineStubs.class).run((context) -> {
			GreeterCoroutineStub stub = context.getBean(GreeterCoroutineStub.class);
			for (int i = 0; i < 2; i++) {
				CompletableFuture<GreetResponse> waiting = CompletableFuture.supplyAsync(() -> greet(stub, "Ada"),
						(task) -> new Thread(task, "caller").start());
				try (FakeGreeter greeter = greeter().start()) {
					assertThat(waiting).succeedsWithin(Duration.ofSeconds(30))
						.extracting(GreetResponse::getGreeting)
						.isEqualTo("Hello, Ada");
					assertThat(greeter.calls).containsExactly("greeter Greet");
				}
				Awaitility.await()
					.atMost(Duration.ofSeconds(30))
					.until(() -> context.getBean(ComponentRegistry.class)
						.components()
						.get(0)
						.status()
						.state() == ComponentState.UNAVAILABLE);
			}
		});
	}

	private static GreetResponse greet(GreeterCoroutineStub stub, String name) {
		try {
			return (GreetResponse) BuildersKt.runBlocking(EmptyCoroutineContext.INSTANCE,
					(scope, continuation) -> stub.greet(request(name), continuation));
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportGrpcClients(target = "greeter", types = GreeterCoroutineStub.class, factory = CoroutineStubFactory.class)
	static class CoroutineStubs {

	}

	@Test
	void whenTheProcessComesLaterAndIsReplacedThenTheStubReachesIt() {
		declaring().withUserConfiguration(Stubs.class).run((context) -> {
			GreeterGrpc.GreeterBlockingStub stub = context.getBean(GreeterGrpc.GreeterBlockingStub.class);
			try (FakeGreeter first = greeter().start()) {
				assertThat(stub.greet(request("Ada")).getGreeting()).isEqualTo("Hello, Ada");
			}
			try (FakeGreeter second = greeter().start()) {
				assertThat(stub.greet(request("Bob")).getGreeting()).isEqualTo("Hello, Bob");
			}
		});
	}

	@Test
	void whenTheComponentIsNotThereThenTheStubFailsWithTheReason() {
		declaring().withPropertyValues("pluggable.defaults.outage-grace=0s")
			.withUserConfiguration(Stubs.class)
			.run((context) -> assertThatExceptionOfType(StatusRuntimeException.class)
				.isThrownBy(() -> context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")))
				.satisfies((ex) -> {
					assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
					assertThat(ex.getCause()).isInstanceOf(ComponentUnavailableException.class);
				}));
	}

	@Test
	void whenTheTargetNamesTheComponentThenNoPropertyOfTheChannelIsNeeded() {
		try (FakeGreeter greeter = greeter().start()) {
			runner().withPropertyValues("pluggable.components.greeter.type=grpc.hello")
				.withUserConfiguration(DirectStub.class)
				.run((context) -> assertThat(
						context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")).getGreeting())
					.isEqualTo("Hello, Ada"));
		}
	}

	@Test
	void whenAComponentIsDiscoveredThenItIsATarget() {
		try (FakeGreeter greeter = greeter().start()) {
			runner().withPropertyValues("spring.grpc.client.channel.greeter.target=pluggable:hello")
				.withUserConfiguration(Stubs.class)
				.run((context) -> {
					assertThat(
							context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")).getGreeting())
						.isEqualTo("Hello, Ada");
					assertThat(context.getBean("hello.grpc")).isInstanceOf(Channel.class);
				});
		}
	}

	@Test
	void whenAComponentHasAnotherKindThenItIsATarget() {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock"));
				FakeGreeter greeter = greeter()) {
			server.with(greeter, ProtoReflectionServiceV1.newInstance()).start();
			runner()
				.withPropertyValues("pluggable.components.orders.type=state.h2",
						"spring.grpc.client.channel.greeter.target=pluggable:orders")
				.withUserConfiguration(Stubs.class)
				.run((context) -> assertThat(
						context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")).getGreeting())
					.isEqualTo("Hello, Ada"));
		}
	}

	@Test
	void whenThereIsNoSuchComponentThenTheStartFailsAndNamesTheProperty() {
		runner()
			.withPropertyValues("pluggable.components.greeter.type=grpc.hello",
					"spring.grpc.client.channel.greeter.target=pluggable:greter")
			.withUserConfiguration(Stubs.class, Injecting.class)
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
					.hasMessageContaining("spring.grpc.client.channel.greeter.target")
					.hasMessageContaining("pluggable:greter")
					.hasMessageContaining("There is no component 'greter'. Did you mean 'greeter'?");
			});
	}

	@Test
	void whenATargetInCodeIsNoComponentThenTheFailureIsAnalyzed() {
		runner().withPropertyValues("pluggable.components.greeters.type=grpc.hello")
			.withUserConfiguration(DirectStub.class, Injecting.class)
			.run((context) -> {
				Throwable failure = context.getStartupFailure();
				while (failure != null && !(failure instanceof FailureAnalyzedException)) {
					failure = failure.getCause();
				}
				assertThat(failure).hasMessageContaining(
						"The target 'pluggable:greeter' of a gRPC channel leads nowhere: There is no component 'greeter'. "
								+ "Did you mean 'greeters'?");
			});
	}

	@Test
	void whenTheComponentIsBuiltInThenTheStartFails() {
		runner()
			.withPropertyValues("pluggable.components.orders.type=state.in-memory",
					"spring.grpc.client.channel.greeter.target=pluggable:orders")
			.withUserConfiguration(Stubs.class, Injecting.class)
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.hasMessageContaining("The component 'orders' has the built-in type 'state.in-memory'"));
	}

	@Test
	void whenInitializationIsLazyThenTheStubWorks() {
		try (FakeGreeter greeter = greeter().start()) {
			declaring().withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
				.withUserConfiguration(Stubs.class)
				.run((context) -> assertThat(
						context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")).getGreeting())
					.isEqualTo("Hello, Ada"));
		}
	}

	@Test
	void whenATestReplacesTheChannelThenTheStubCallsTheReplacement() throws IOException {
		FakeGreeter greeter = greeter();
		Server server = InProcessServerBuilder.forName("greeter").directExecutor().addService(greeter).build().start();
		ManagedChannel channel = InProcessChannelBuilder.forName("greeter").directExecutor().build();
		try {
			declaring().withBean(BeanFactoryPostProcessor.class, () -> (beanFactory) -> {
				((BeanDefinitionRegistry) beanFactory).removeBeanDefinition("greeter");
				beanFactory.registerSingleton("greeter", channel);
			})
				.withUserConfiguration(Stubs.class)
				.run((context) -> assertThat(
						context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")).getGreeting())
					.isEqualTo("Hello, Ada"));
		}
		finally {
			channel.shutdownNow();
			server.shutdownNow();
			greeter.close();
		}
	}

	@Test
	void whenATestReplacesTheStubThenNoChannelIsNeeded() {
		GreeterGrpc.GreeterBlockingStub mock = Mockito.mock(GreeterGrpc.GreeterBlockingStub.class);
		given(mock.greet(any())).willReturn(GreetResponse.newBuilder().setGreeting("mocked").build());
		declaring().withBean(BeanFactoryPostProcessor.class, () -> (beanFactory) -> {
			String name = beanFactory.getBeanNamesForType(GreeterGrpc.GreeterBlockingStub.class, true, false)[0];
			((BeanDefinitionRegistry) beanFactory).removeBeanDefinition(name);
			beanFactory.registerSingleton(name, mock);
		})
			.withUserConfiguration(Stubs.class)
			.run((context) -> assertThat(
					context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")).getGreeting())
				.isEqualTo("mocked"));
	}

	@Test
	void whenThereAreInterceptorsThenEachIsAppliedOnce() {
		try (FakeGreeter greeter = greeter().start()) {
			declaring().withUserConfiguration(Stubs.class, Interceptors.class).run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitFirstLook(Duration.ofSeconds(30))).isTrue();
				intercepted.clear();
				context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada"));
				assertThat(intercepted).containsExactly("global Greet");
				intercepted.clear();
				Channel channel = context.getBean(GrpcChannelFactory.class)
					.createChannel("greeter", ChannelBuilderOptions.defaults()
						.withInterceptors(
								List.of(new RecordingInterceptor("first"), new RecordingInterceptor("second"))));
				GreeterGrpc.newBlockingStub(channel).greet(request("Ada"));
				assertThat(intercepted).containsExactly("first Greet", "second Greet", "global Greet");
			});
		}
	}

	@Test
	void whenTheChannelHasADefaultDeadlineThenItEndsTheCall() {
		try (FakeGreeter greeter = greeter().start()) {
			greeter.hold();
			declaring()
				.withPropertyValues("spring.grpc.client.channel.greeter.default.deadline=200ms",
						"spring.grpc.client.channel.greeter.keepalive.time=30s",
						"spring.grpc.client.channel.greeter.inbound.message.max-size=1KB")
				.withUserConfiguration(Stubs.class)
				.run((context) -> {
					assertThatExceptionOfType(StatusRuntimeException.class)
						.isThrownBy(() -> context.getBean(GreeterGrpc.GreeterBlockingStub.class).greet(request("Ada")))
						.satisfies(
								(ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED))
						.withCauseInstanceOf(ComponentTimeoutException.class);
					greeter.release();
				});
		}
	}

	@Test
	void whenATargetIsNoComponentThenTheFactoryOfBootCreatesTheChannel() {
		declaring().withPropertyValues("spring.grpc.client.channel.other.target=static://localhost:1")
			.run((context) -> {
				GrpcChannelFactory factory = context.getBean(GrpcChannelFactory.class);
				assertThat(factory.createChannel("other").getClass().getName()).startsWith("io.grpc.");
				assertThat(factory.createChannel("greeter").getClass().getPackage())
					.isEqualTo(ComponentChannelFactory.class.getPackage());
				assertThat(context.getBean(ComponentChannelFactory.class).supports("other")).isFalse();
			});
	}

	@Test
	void whenThePluginIsLaunchedThenTheStubCallsIt() {
		List<String> elements = JavaCommand.of(GreeterMain.class);
		ApplicationContextRunner runner = runner().withPropertyValues("pluggable.plugins.hello.protocol=socket",
				"pluggable.components.greeter.type=grpc.hello",
				"pluggable.components.greeter.services=" + GreeterGrpc.SERVICE_NAME,
				"spring.grpc.client.channel.greeter.target=pluggable:greeter");
		for (int index = 0; index < elements.size(); index++) {
			runner = runner.withPropertyValues("pluggable.plugins.hello.command[" + index + "]=" + elements.get(index));
		}
		runner.withUserConfiguration(Stubs.class).run((context) -> {
			GreeterGrpc.GreeterBlockingStub stub = context.getBean(GreeterGrpc.GreeterBlockingStub.class);
			assertThat(stub.greet(request("Ada")).getGreeting()).isEqualTo("Hello, Ada");
			Plugins plugins = context.getBean(Plugins.class);
			Long pid = plugins.status("hello").orElseThrow().pid();
			ProcessHandle.of(pid).orElseThrow().destroyForcibly();
			// A call on the dying process would be lost.
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
				Long next = plugins.status("hello").orElseThrow().pid();
				return next != null && !next.equals(pid);
			});
			assertThat(stub.greet(request("Bob")).getGreeting()).isEqualTo("Hello, Bob");
		});
	}

	@Test
	void whenSpringGrpcIsMissingThenTheChannelIsABean() {
		try (FakeGreeter greeter = greeter().start();
				FakeGreeter other = new FakeGreeter(this.folder.resolve("hi.sock"))) {
			other.start();
			runnerWithoutBoot()
				.withClassLoader(new FilteredClassLoader("org.springframework.grpc", "org.springframework.boot.grpc"))
				.withPropertyValues("pluggable.components.greeter.type=grpc.hello",
						"pluggable.components.other.type=grpc.hi")
				.withUserConfiguration(Injected.class)
				.run((context) -> {
					assertThat(context).hasNotFailed().doesNotHaveBean(ComponentChannelFactory.class);
					Greetings greetings = context.getBean(Greetings.class);
					assertThat(greetings.greeter().greet(request("Ada")).getGreeting()).isEqualTo("Hello, Ada");
					assertThat(other.calls).containsExactly("other Greet");
					assertThat(greeter.calls).isEmpty();
					assertThat(greetings.all().list()).hasSize(2);
				});
		}
	}

	@Test
	void whenThereIsNoHostThenThereIsNoFactory() {
		runner().withPropertyValues("pluggable.host.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(ComponentChannelFactory.class)
				.doesNotHaveBean(ComponentRegistry.class));
	}

	@Configuration(proxyBeanMethods = false)
	@ImportGrpcClients(target = "greeter",
			types = { GreeterGrpc.GreeterBlockingStub.class, GreeterGrpc.GreeterBlockingV2Stub.class,
					GreeterGrpc.GreeterFutureStub.class, GreeterGrpc.GreeterStub.class })
	static class Stubs {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportGrpcClients(target = "pluggable:greeter", types = GreeterGrpc.GreeterBlockingStub.class)
	static class DirectStub {

	}

	@Configuration(proxyBeanMethods = false)
	static class Injecting {

		@Bean
		String greeting(GreeterGrpc.GreeterBlockingStub greeter) {
			return greeter.getClass().getName();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Interceptors {

		@Bean
		@GlobalClientInterceptor
		ClientInterceptor global() {
			return new RecordingInterceptor("global");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Injected {

		@Bean
		Greetings greetings(@Qualifier("other") Channel channel, Components<Channel> all) {
			return new Greetings(GreeterGrpc.newBlockingStub(channel), all);
		}

	}

	record Greetings(GreeterGrpc.GreeterBlockingStub greeter, Components<Channel> all) {
	}

	record RecordingInterceptor(String name) implements ClientInterceptor {

		@Override
		public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
			intercepted.add(this.name + " " + method.getBareMethodName());
			return next.newCall(method, options);
		}

	}

}
