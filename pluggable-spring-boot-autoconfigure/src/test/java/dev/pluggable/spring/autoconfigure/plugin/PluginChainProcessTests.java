package dev.pluggable.spring.autoconfigure.plugin;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.pluggable.ComponentClient;
import dev.pluggable.endpoint.ComponentChannelCustomizer;
import dev.pluggable.fixtures.ChainPluginMain;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.JavaCommand;
import dev.pluggable.fixtures.Texts;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.spring.ClientKind;
import dev.pluggable.spring.autoconfigure.grpc.PluggableGrpcInterceptorsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.plugin.HostService;
import dev.pluggable.spring.plugin.HostServiceCustomizer;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.stub.ClientCalls;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.GlobalClientInterceptor;
import org.springframework.grpc.server.GlobalServerInterceptor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests an application with two launched plugins. One of them calls the application, and
 * through the application an object of the other plugin.
 */
class PluginChainProcessTests {

	private Path folder;

	@BeforeEach
	void createFolder() throws Exception {
		this.folder = Files.createTempDirectory(Path.of("/tmp"), "pcp");
	}

	@AfterEach
	void leavesNothing() throws Exception {
		assertThat(this.folder).isEmptyDirectory();
		Files.delete(this.folder);
	}

	private ApplicationContextRunner runner(boolean autoMtls) {
		List<String> properties = new ArrayList<>(List.of("pluggable.socket-folders=" + this.folder.resolve("none"),
				"pluggable.plugin-directory=" + this.folder, "pluggable.defaults.call-timeout=30s"));
		for (String name : List.of("first", "second")) {
			String plugin = "pluggable.plugins." + name + ".";
			properties
				.add(plugin + "command=" + String.join(",", JavaCommand.of(ChainPluginMain.class, "no-reflection")));
			properties.add(plugin + "handshake.cookie-key=" + GoPluginMain.COOKIE_KEY);
			properties.add(plugin + "handshake.cookie-value=" + GoPluginMain.COOKIE_VALUE);
			properties.add(plugin + "auto-mtls=" + autoMtls);
			properties.add("pluggable.components." + name + ".type=chain." + name);
		}
		return new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableGrpcInterceptorsAutoConfiguration.class,
					PluggableAutoConfiguration.class, PluggablePluginAutoConfiguration.class))
			.withPropertyValues(properties.toArray(String[]::new));
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void whenABeanCallsObjectsInItsInitializationThenTheyWorkAndAllConnectionsAreIntercepted(boolean autoMtls) {
		runner(autoMtls).withUserConfiguration(Chain.class, Interception.class, Offered.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context.getBean(Work.class).answer).isEqualTo("somebody says signed x");
			Interception interception = context.getBean(Interception.class);
			String[] clientCalls = { "first null chain.Root/NewWorkshop", "first workshop chain.Workshop/NewWorker",
					"first worker chain.Worker/Work", "second null chain.Root/NewSpeaker",
					"second speaker chain.Speaker/Say" };
			assertThat(interception.clientCalls).contains(clientCalls);
			assertThat(interception.channelCalls).contains(clientCalls);
			String[] serverCalls = { "first chain.Keystore chain.Keystore/Sign", "first speaker chain.Speaker/Say" };
			assertThat(interception.serverCalls).containsOnly(serverCalls);
			assertThat(interception.customizedCalls).containsOnly(serverCalls);
		});
	}

	@Configuration(proxyBeanMethods = false)
	static class Chain {

		@Bean
		static ClientKind rootKind() {
			return new ClientKind("chain", ChainPluginMain.ROOT);
		}

		@Bean
		Work work(@Qualifier("first") ComponentClient first, @Qualifier("second") ComponentClient second) {
			return new Work(first, second);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Offered {

		@Bean
		@HostService
		BindableService keystore() {
			return () -> Texts.service(ChainPluginMain.KEYSTORE, "Sign", (text) -> "signed " + text);
		}

	}

	/**
	 * Creates objects in both plugins, and calls one of them while it is initialised.
	 */
	static class Work implements InitializingBean, DisposableBean {

		private final RemoteObject speaker;

		private final RemoteObject workshop;

		private final RemoteObject worker;

		private String answer;

		Work(ComponentClient first, ComponentClient second) {
			this.speaker = RemoteObject.create(second, "speaker",
					(creation) -> id(creation, ChainPluginMain.ROOT, "NewSpeaker", "somebody"));
			this.workshop = RemoteObject.create(first, "workshop", (creation) -> id(creation, ChainPluginMain.ROOT,
					"NewWorkshop", Integer.toString(creation.offer(ChainPluginMain.KEYSTORE))));
			this.worker = RemoteObject.create(this.workshop, "worker", (creation) -> id(creation,
					ChainPluginMain.WORKSHOP, "NewWorker", Integer.toString(creation.proxy("speaker", this.speaker))));
		}

		private static int id(RemoteObject.Creation creation, String service, String method, String request) {
			return Integer.parseInt(Texts.call(creation.channel(), service, method, request));
		}

		@Override
		public void afterPropertiesSet() {
			// A call without a deadline waits for the first outcome.
			this.answer = ClientCalls.blockingUnaryCall(this.worker.channel(),
					Texts.unary(ChainPluginMain.WORKER, "Work"), CallOptions.DEFAULT, "x");
		}

		@Override
		public void destroy() {
			this.worker.close();
			this.workshop.close();
			this.speaker.close();
		}

	}

	/**
	 * Records the calls that interceptors and customizers see.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Interception {

		final Queue<String> clientCalls = new ConcurrentLinkedQueue<>();

		final Queue<String> channelCalls = new ConcurrentLinkedQueue<>();

		final Queue<String> serverCalls = new ConcurrentLinkedQueue<>();

		final Queue<String> customizedCalls = new ConcurrentLinkedQueue<>();

		@Bean
		@GlobalClientInterceptor
		ClientInterceptor global() {
			return client(this.clientCalls);
		}

		@Bean
		ComponentChannelCustomizer channels() {
			return (endpoint, builder) -> builder.intercept(client(this.channelCalls));
		}

		@Bean
		@GlobalServerInterceptor
		ServerInterceptor served() {
			return server(this.serverCalls);
		}

		@Bean
		HostServiceCustomizer services() {
			ServerInterceptor interceptor = server(this.customizedCalls);
			return (service) -> ServerInterceptors.intercept(service, interceptor);
		}

		private static ClientInterceptor client(Queue<String> calls) {
			return new ClientInterceptor() {

				@Override
				public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options,
						Channel next) {
					calls.add(options.getOption(ComponentChannelCustomizer.ENDPOINT) + " "
							+ options.getOption(ComponentChannelCustomizer.CONNECTION) + " "
							+ method.getFullMethodName());
					return next.newCall(method, options);
				}

			};
		}

		private static ServerInterceptor server(Queue<String> calls) {
			return new ServerInterceptor() {

				@Override
				public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
						ServerCallHandler<Q, R> next) {
					calls.add(call.getAttributes().get(PluginBroker.PLUGIN) + " "
							+ call.getAttributes().get(PluginBroker.CONNECTION) + " "
							+ call.getMethodDescriptor().getFullMethodName());
					return next.startCall(call, headers);
				}

			};
		}

	}

}
