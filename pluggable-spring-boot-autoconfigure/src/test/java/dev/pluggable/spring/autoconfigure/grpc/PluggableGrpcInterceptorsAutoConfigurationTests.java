package dev.pluggable.spring.autoconfigure.grpc;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.pluggable.fixtures.FakeStateServer;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.state.StateStore;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.InitializingBean;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.client.GlobalClientInterceptor;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PluggableGrpcInterceptorsAutoConfiguration}.
 */
class PluggableGrpcInterceptorsAutoConfigurationTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(10);

	private static final Queue<String> calls = new ConcurrentLinkedQueue<>();

	@TempDir
	private Path folder;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		calls.clear();
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableAutoConfiguration.class,
					PluggableGrpcInterceptorsAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder, "pluggable.components.orders.type=state.h2",
					"pluggable.components.orders.required=true", "pluggable.startup-timeout=0s");
	}

	private static List<String> gets() {
		return calls.stream().filter((call) -> call.endsWith(" Get")).toList();
	}

	@Test
	void globalInterceptorsAreAppliedInOrder() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			this.runner.withUserConfiguration(Interceptors.class).run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				StateStore store = context.getBean("orders", StateStore.class);
				store.get("key");
				store.get("key");
				assertThat(gets()).containsExactly("first Get", "second Get", "last Get", "first Get", "second Get",
						"last Get");
			});
		}
	}

	@Test
	void globalInterceptorsAreAppliedToLaterConnections() {
		this.runner.withUserConfiguration(Interceptors.class).run((context) -> {
			try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				context.getBean("orders", StateStore.class).get("key");
				assertThat(gets()).containsExactly("first Get", "second Get", "last Get");
				assertThat(calls).contains("first Init");
			}
		});
	}

	@Test
	void globalInterceptorsAreAppliedToCallsOfBeansThatAreBeingMade() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			this.runner.withUserConfiguration(Caller.class, Interceptors.class).run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(gets()).containsExactly("first Get", "second Get", "last Get");
			});
		}
	}

	@Test
	void interceptorsAreMadeWithAllThatBeansGet() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			this.runner.withUserConfiguration(Interceptors.class, PostProcessed.class)
				.run((context) -> assertThat(context.getBean(PostProcessed.class).seen).contains("first", "second"));
		}
	}

	@Test
	void worksWithoutInterceptors() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			this.runner.run((context) -> {
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				assertThat(context.getBean("orders", StateStore.class).get("key")).isPresent();
			});
		}
	}

	@Test
	void backsOffWithoutSpringGrpc() throws Exception {
		try (FakeStateServer server = new FakeStateServer(this.folder.resolve("h2.sock")).start()) {
			this.runner.withClassLoader(new FilteredClassLoader(GlobalClientInterceptor.class)).run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(GlobalInterceptorsChannelCustomizer.class);
				assertThat(context.getBean(ComponentHost.class).awaitRequired(TIMEOUT)).isEmpty();
				assertThat(context.getBean("orders", StateStore.class).get("key")).isPresent();
			});
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Interceptors {

		@Bean
		@GlobalClientInterceptor
		ClientInterceptor last() {
			return new RecordingInterceptor("last");
		}

		@Bean
		@Order(2)
		@GlobalClientInterceptor
		ClientInterceptor second() {
			return new RecordingInterceptor("second");
		}

		@Bean
		@Order(1)
		@GlobalClientInterceptor
		ClientInterceptor first() {
			return new RecordingInterceptor("first");
		}

		@Bean
		ClientInterceptor notGlobal() {
			return new RecordingInterceptor("notGlobal");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Caller {

		@Bean
		InitializingBean caller(@Qualifier("orders") StateStore store, ComponentHost host) {
			return () -> {
				assertThat(host.awaitRequired(TIMEOUT)).isEmpty();
				store.get("key");
			};
		}

	}

	static class PostProcessed implements BeanPostProcessor {

		private final Queue<String> seen = new ConcurrentLinkedQueue<>();

		@Override
		public Object postProcessAfterInitialization(Object bean, String name) {
			this.seen.add(name);
			return bean;
		}

	}

	record RecordingInterceptor(String name) implements ClientInterceptor {

		@Override
		public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
			calls.add(this.name + " " + method.getBareMethodName());
			return next.newCall(method, options);
		}

	}

}
