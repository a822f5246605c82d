package dev.pluggable.spring.autoconfigure.plugin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.pluggable.Registration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.spring.plugin.HostService;
import dev.pluggable.spring.plugin.HostServiceCustomizer;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalyzedException;

/**
 * Offers the beans with {@link HostService} to plugins as soon as all beans exist. If
 * there are such beans, remote objects that a bean creates earlier wait until then.
 * Everything that the application serves to plugins from then on is customized.
 */
final class HostServiceBeans implements BeanPostProcessor, SmartInitializingSingleton, DisposableBean {

	private static final String ANNOTATION = "@" + HostService.class.getSimpleName();

	private final ConfigurableListableBeanFactory beans;

	private final ObjectProvider<HostServiceCustomizer> customizers;

	private volatile List<HostServiceCustomizer> ordered = List.of();

	private @Nullable Registration expectation;

	HostServiceBeans(ConfigurableListableBeanFactory beans, ObjectProvider<HostServiceCustomizer> customizers) {
		this.beans = beans;
		this.customizers = customizers;
	}

	/**
	 * Announce the services to the host before the host is started.
	 */
	@Override
	public Object postProcessAfterInitialization(Object bean, String name) {
		if (bean instanceof ComponentHost host && hasServices()) {
			this.expectation = host.hostServices().expectMore();
		}
		return bean;
	}

	private boolean hasServices() {
		// No factory bean is created to find out its type.
		return Arrays.stream(this.beans.getBeanDefinitionNames())
			.anyMatch((bean) -> this.beans.findAnnotationOnBean(bean, HostService.class, false) != null);
	}

	private HostServices hostServices() {
		return this.beans.getBean(ComponentHost.class).hostServices();
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.ordered = this.customizers.orderedStream().toList();
		Map<String, String> names = new LinkedHashMap<>();
		List<ServerServiceDefinition> services = new ArrayList<>();
		for (String bean : this.beans.getBeanNamesForAnnotation(HostService.class)) {
			if (!ScopedProxyUtils.isScopedTarget(bean)) {
				ServerServiceDefinition service = service(bean);
				String name = service.getServiceDescriptor().getName();
				String other = names.put(name, bean);
				if (other != null) {
					throw new FailureAnalyzedException(
							"The beans '" + other + "' and '" + bean + "' implement the same gRPC service '" + name
									+ "', but plugins identify a service by this name only",
							"Remove " + ANNOTATION + " from one of them.");
				}
				services.add(service);
			}
		}
		HostServices hostServices = hostServices();
		hostServices.customize(this::customize);
		services.forEach((service) -> hostServices.add(customize(service)));
		destroy();
	}

	@Override
	public void destroy() {
		if (this.expectation != null) {
			this.expectation.close();
		}
	}

	private ServerServiceDefinition service(String bean) {
		if (!this.beans.isTypeMatch(bean, BindableService.class)) {
			throw failure(bean, "the bean is not a " + BindableService.class.getName(),
					"Extend the generated base class of the service, <Service>Grpc.<Service>ImplBase," + " or remove "
							+ ANNOTATION + ".");
		}
		if (!this.beans.isSingleton(bean)) {
			throw failure(bean, "the bean is not a singleton", "Declare the bean with the singleton scope.");
		}
		return this.beans.getBean(bean, BindableService.class).bindService();
	}

	private ServerServiceDefinition customize(ServerServiceDefinition service) {
		ServerServiceDefinition customized = service;
		for (HostServiceCustomizer customizer : this.ordered) {
			customized = customizer.customize(customized);
		}
		return customized;
	}

	private static FailureAnalyzedException failure(String bean, String problem, String action) {
		return new FailureAnalyzedException("The bean '" + bean + "' cannot be offered to plugins: " + problem, action);
	}

}
