package dev.pluggable.spring.autoconfigure.grpc;

import java.nio.file.Path;
import java.util.List;

import dev.pluggable.fixtures.FakeGreeter;
import dev.pluggable.fixtures.greeter.v1.GreeterGrpc;
import dev.pluggable.fixtures.greeter.v1.GreeterProto.GreetRequest;
import dev.pluggable.spring.AheadOfTime;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import io.grpc.Channel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.CompositeChannelFactoryAutoConfiguration;
import org.springframework.boot.grpc.client.autoconfigure.GrpcClientAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;
import org.springframework.grpc.client.ImportGrpcClients;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that an application that was processed ahead of time calls a component by an
 * imported stub and by an injected channel.
 */
@CompileWithForkedClassLoader
@Timeout(120)
class GrpcClientAheadOfTimeTests {

	@TempDir
	Path folder;

	@Test
	void whenABuiltApplicationStartsThenItsStubsCallTheComponent() throws Exception {
		TestGenerationContext generation = application().build((duringBuild) -> {
			assertThat(duringBuild.getType("greeter", false)).isEqualTo(Channel.class);
			assertThat(duringBuild.getBeanFactory().getSingleton("componentHost")).isNull();
		});
		application().run(generation, (context) -> {
			try (FakeGreeter greeter = new FakeGreeter(this.folder.resolve("hello.sock")).start()) {
				context.refresh();
				for (GreeterGrpc.GreeterBlockingStub stub : context.getBean(Stubs.class).stubs()) {
					assertThat(stub.greet(GreetRequest.newBuilder().setName("Ada").build()).getGreeting())
						.isEqualTo("Hello, Ada");
				}
				assertThat(greeter.calls).containsExactly("greeter Greet", "greeter Greet");
			}
		});
	}

	private AheadOfTime application() {
		return new AheadOfTime(this.folder, Application.class, "pluggable.discovery.initial-wait=30s",
				"pluggable.defaults.outage-grace=50s", "pluggable.components.greeter.type=grpc.hello",
				"spring.grpc.client.channel.greeting.target=pluggable:greeter");
	}

	/**
	 * An application with a stub and a channel.
	 */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ PluggableAutoConfiguration.class, GrpcClientAutoConfiguration.class,
			PluggableGrpcClientAutoConfiguration.class, CompositeChannelFactoryAutoConfiguration.class,
			SslAutoConfiguration.class })
	@ImportGrpcClients(target = "greeting", types = GreeterGrpc.GreeterBlockingStub.class)
	static class Application {

		@Bean
		Stubs stubs(GreeterGrpc.GreeterBlockingStub imported, @Qualifier("greeter") Channel channel) {
			return new Stubs(List.of(imported, GreeterGrpc.newBlockingStub(channel)));
		}

	}

	/**
	 * Holds the stubs.
	 */
	record Stubs(List<GreeterGrpc.GreeterBlockingStub> stubs) {
	}

}
