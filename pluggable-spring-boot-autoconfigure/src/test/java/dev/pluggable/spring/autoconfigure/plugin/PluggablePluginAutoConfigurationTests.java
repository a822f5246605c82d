package dev.pluggable.spring.autoconfigure.plugin;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.autoconfigure.grpc.PluggableGrpcInterceptorsAutoConfiguration;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.plugin.HostService;
import dev.pluggable.spring.plugin.HostServiceCustomizer;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.ArgumentCaptor;

import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.LazyInitializationBeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.annotation.Order;
import org.springframework.grpc.server.GlobalServerInterceptor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link PluggablePluginAutoConfiguration}.
 */
class PluggablePluginAutoConfigurationTests {

	private static final String HEALTH = HealthGrpc.SERVICE_NAME;

	@TempDir
	private Path folder;

	private ApplicationContextRunner runner;

	@BeforeEach
	void prepare() {
		this.runner = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(PluggableGrpcInterceptorsAutoConfiguration.class,
					PluggableAutoConfiguration.class, PluggablePluginAutoConfiguration.class))
			.withPropertyValues("pluggable.socket-folders=" + this.folder);
	}

	@Test
	void whenAnApplicationHasAHostThenItsPluginsAreABean() {
		this.runner.run((context) -> assertThat(context.getBean(Plugins.class))
			.isSameAs(context.getBean(ComponentHost.class).plugins()));
		this.runner.withPropertyValues("pluggable.host.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(Plugins.class));
	}

	@Test
	void whenABeanIsMarkedThenItsServiceIsOffered() {
		this.runner.withUserConfiguration(Services.class)
			.run((context) -> assertThat(context.getBean(ComponentHost.class).hostServices().names())
				.containsExactly(HEALTH));
	}

	@Test
	void whenBeansAreMadeThenAllServicesAreOfferedBefore() {
		this.runner.withBean(Early.class).withUserConfiguration(Services.class).run((context) -> {
			assertThat(context.getBean(Early.class).complete).isTrue();
			assertThat(context.getBean(Early.class).names).containsExactly(HEALTH);
		});
		this.runner.withBean(Early.class)
			.run((context) -> assertThat(context.getBean(ComponentHost.class).hostServices().isComplete()).isTrue());
	}

	@Test
	void whenInitializationIsLazyThenAllServicesAreOfferedBefore() {
		this.runner
			.withInitializer(
					(context) -> context.addBeanFactoryPostProcessor(new LazyInitializationBeanFactoryPostProcessor()))
			.withBean(Early.class)
			.withUserConfiguration(Services.class)
			.run((context) -> assertThat(context.getBean(Early.class).names).containsExactly(HEALTH));
	}

	@Test
	void whenAServiceNeedsABeanThenThatBeanSeesThatMoreServicesAreExpected() {
		this.runner.withBean(Early.class).withBean(NeedsEarly.class).run((context) -> {
			assertThat(context.getBean(Early.class).complete).isFalse();
			assertThat(context.getBean(ComponentHost.class).hostServices().isComplete()).isTrue();
		});
	}

	@Test
	void whenTheHostIsCreatedThenServicesAreExpectedAlready() {
		this.runner.withUserConfiguration(Services.class, LooksEarly.class)
			.run((context) -> assertThat(context.getBean(LooksEarly.class).complete).isFalse());
		this.runner.withUserConfiguration(LooksEarly.class)
			.run((context) -> assertThat(context.getBean(LooksEarly.class).complete).isTrue());
	}

	@Test
	void whenAPluginCallsBeforeBeansAreMadeThenTheCallIsCustomized() {
		this.runner.withUserConfiguration(Interceptors.class).run((context) -> {
			Interceptors interceptors = context.getBean(Interceptors.class);
			ComponentHost host = mock(ComponentHost.class);
			HostServices services = mock(HostServices.class);
			given(host.hostServices()).willReturn(services);
			new HostServiceBeans(context.getSourceApplicationContext(GenericApplicationContext.class).getBeanFactory(),
					context.getBeanProvider(HostServiceCustomizer.class))
				.postProcessAfterInitialization(host, "host");
			ArgumentCaptor<UnaryOperator<ServerServiceDefinition>> customizer = ArgumentCaptor.captor();
			then(services).should().customize(customizer.capture());
			call(customizer.getValue().apply(new Health().bindService()));
			assertThat(interceptors.calls).containsExactly("customizer", "first", "second");
		});
	}

	@Test
	void whenAFactoryBeanMakesAServiceThenTheServiceIsOffered() {
		this.runner.withBean(ServiceFactory.class)
			.run((context) -> assertThat(context.getBean(ComponentHost.class).hostServices().names())
				.containsExactly(HEALTH));
	}

	@Test
	void whenTheHostIsInTheParentThenAChildOffersItsServicesAsLongAsItExists() {
		this.runner.withUserConfiguration(Interceptors.class).run((parent) -> {
			HostServices services = parent.getBean(ComponentHost.class).hostServices();
			for (int i = 0; i < 2; i++) {
				this.runner.withParent(parent).withUserConfiguration(Services.class).run((child) -> {
					assertThat(child).hasNotFailed();
					assertThat(services.names()).containsExactly(HEALTH);
				});
				assertThat(services.names()).isEmpty();
			}
		});
	}

	@Test
	void whenAClassIsMarkedThenItsBeansAreOffered() {
		this.runner.withBean(MarkedService.class)
			.run((context) -> assertThat(context.getBean(ComponentHost.class).hostServices().names())
				.containsExactly(HEALTH));
	}

	@Test
	void whenThereAreGlobalInterceptorsAndCustomizersThenTheyAreAppliedInOrder() {
		this.runner.withUserConfiguration(Services.class, Interceptors.class).run((context) -> {
			Interceptors interceptors = context.getBean(Interceptors.class);
			call(context.getBean(ComponentHost.class).hostServices().get(HEALTH));
			assertThat(interceptors.calls).containsExactly("customizer", "first", "second");
		});
	}

	@Test
	void whenThereIsNoSpringGrpcThenServicesAreOffered() {
		this.runner.withUserConfiguration(Services.class)
			.withClassLoader(new FilteredClassLoader("org.springframework.grpc", "org.springframework.boot.grpc"))
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean(HostServiceCustomizer.class);
				call(context.getBean(ComponentHost.class).hostServices().get(HEALTH));
			});
	}

	@Test
	void whenABeanIsNoServiceThenTheStartFails() {
		assertFailure(NoService.class,
				"The bean 'text' cannot be offered to plugins: the bean is not a " + BindableService.class.getName());
	}

	@Test
	void whenABeanIsNoSingletonThenTheStartFails() {
		assertFailure(Prototype.class, "The bean 'health' cannot be offered to plugins: the bean is not a singleton");
	}

	@Test
	void whenTwoBeansAreOneServiceThenTheStartFails() {
		assertFailure(TwoServices.class,
				"The beans 'one' and 'other' implement the same gRPC service '" + HEALTH + "'");
	}

	private void assertFailure(Class<?> configuration, String description) {
		this.runner.withUserConfiguration(configuration)
			.run((context) -> assertThat(context.getStartupFailure())
				.isInstanceOfSatisfying(FailureAnalyzedException.class, (ex) -> {
					assertThat(ex.analysis().getDescription()).startsWith(description);
					assertThat(ex.analysis().getAction()).isNotBlank();
				}));
	}

	private static void call(ServerServiceDefinition service) throws Exception {
		Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
			.addService(service)
			.build()
			.start();
		ManagedChannel channel = NettyChannelBuilder.forAddress(server.getListenSockets().get(0))
			.usePlaintext()
			.build();
		try {
			assertThat(HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()).getStatus())
				.isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
		}
		finally {
			channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
			server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class Services {

		@Bean
		@HostService
		Health health() {
			return new Health();
		}

		@Bean
		Health notOffered() {
			return new Health();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NoService {

		@Bean
		@HostService
		String text() {
			return "no service";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Prototype {

		@Bean
		@HostService
		@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
		Health health() {
			return new Health();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoServices {

		@Bean
		@HostService
		Health one() {
			return new Health();
		}

		@Bean
		@HostService
		Health other() {
			return new Health();
		}

	}

	/**
	 * Records the order of calls.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Interceptors {

		final List<String> calls = new CopyOnWriteArrayList<>();

		@Bean
		@Order(2)
		@GlobalServerInterceptor
		ServerInterceptor second() {
			return interceptor("second");
		}

		@Bean
		@Order(1)
		@GlobalServerInterceptor
		ServerInterceptor first() {
			return interceptor("first");
		}

		@Bean
		ServerInterceptor notGlobal() {
			return interceptor("notGlobal");
		}

		@Bean
		HostServiceCustomizer customizer() {
			return (service) -> {
				this.calls.add("customizer");
				return service;
			};
		}

		private ServerInterceptor interceptor(String name) {
			return new ServerInterceptor() {

				@Override
				public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
						ServerCallHandler<Q, R> next) {
					Interceptors.this.calls.add(name);
					return next.startCall(call, headers);
				}

			};
		}

	}

	/**
	 * A bean that Spring creates while it creates other beans.
	 */
	static class Early {

		final boolean complete;

		final Set<String> names;

		Early(ComponentHost host) {
			this.complete = host.hostServices().isComplete();
			this.names = host.hostServices().names();
		}

	}

	/**
	 * A service that needs another bean.
	 */
	@HostService
	static class NeedsEarly extends Health {

		NeedsEarly(Early early) {
		}

	}

	/**
	 * A factory whose product is a service.
	 */
	static class ServiceFactory implements FactoryBean<MarkedService> {

		@Override
		public MarkedService getObject() {
			return new MarkedService();
		}

		@Override
		public Class<?> getObjectType() {
			return MarkedService.class;
		}

	}

	@HostService
	static class MarkedService extends Health {

	}

	static class Health extends HealthGrpc.HealthImplBase {

		@Override
		public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
			observer
				.onNext(HealthCheckResponse.newBuilder().setStatus(HealthCheckResponse.ServingStatus.SERVING).build());
			observer.onCompleted();
		}

	}

	/**
	 * Looks at the services before Spring has created a singleton.
	 */
	static class LooksEarly implements BeanFactoryInitializer<ListableBeanFactory> {

		boolean complete;

		@Override
		public void initialize(ListableBeanFactory beanFactory) {
			this.complete = beanFactory.getBean(ComponentHost.class).hostServices().isComplete();
		}

	}

}
