package dev.pluggable.spring.autoconfigure.plugin;

import java.util.ArrayList;
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
 * Offers the beans with {@link HostService} to plugins as soon as all beans exist. Remote
 * objects that a bean creates earlier wait for these services.
 */
final class HostServiceBeans implements BeanPostProcessor, SmartInitializingSingleton, DisposableBean {

	private static final String ANNOTATION = "@" + HostService.class.getSimpleName();

	private final ConfigurableListableBeanFactory beans;

	private final ObjectProvider<HostServiceCustomizer> customizers;

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
		if (bean instanceof ComponentHost host) {
			this.expectation = host.hostServices().expectMore();
		}
		return bean;
	}

	private HostServices hostServices() {
		return this.beans.getBean(ComponentHost.class).hostServices();
	}

	@Override
	public void afterSingletonsInstantiated() {
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
		services.forEach(hostServices()::add);
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
		ServerServiceDefinition service = this.beans.getBean(bean, BindableService.class).bindService();
		for (HostServiceCustomizer customizer : this.customizers.orderedStream().toList()) {
			service = customizer.customize(service);
		}
		return service;
	}

	private static FailureAnalyzedException failure(String bean, String problem, String action) {
		return new FailureAnalyzedException("The bean '" + bean + "' cannot be offered to plugins: " + problem, action);
	}

}
