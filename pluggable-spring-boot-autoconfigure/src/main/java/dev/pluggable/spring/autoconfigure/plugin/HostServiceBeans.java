package dev.pluggable.spring.autoconfigure.plugin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

import dev.pluggable.Registration;
import dev.pluggable.contract.ContractObject;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.HostServices;
import dev.pluggable.spring.contract.ContractKinds;
import dev.pluggable.spring.plugin.HostService;
import dev.pluggable.spring.plugin.HostServiceCustomizer;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.scope.ScopedProxyUtils;
import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.diagnostics.FailureAnalyzedException;
import org.springframework.core.log.LogMessage;

/**
 * Offers the beans with {@link HostService} to plugins, before Spring creates other
 * singletons: a bean that is being initialised may call a remote object, and the creator
 * of that object may need the services. Everything that the application serves to plugins
 * is customized, whenever a plugin calls it. A context whose host is in a parent context
 * offers its services as long as the context exists, and customizes only these services.
 */
final class HostServiceBeans implements BeanPostProcessor, BeanFactoryInitializer<ConfigurableListableBeanFactory>,
		SmartInitializingSingleton, DisposableBean {

	private static final Log logger = LogFactory.getLog(HostServiceBeans.class);

	private static final String ANNOTATION = "@" + HostService.class.getSimpleName();

	private final ConfigurableListableBeanFactory beans;

	private final ObjectProvider<HostServiceCustomizer> customizers;

	private final UnaryOperator<ServerServiceDefinition> customizer = this::customize;

	/**
	 * Names of the beans by the names of their services.
	 */
	private final Map<String, String> offered = new LinkedHashMap<>();

	/**
	 * Names of the beans whose services are known.
	 */
	private final Set<String> known = new HashSet<>();

	private final List<Registration> registrations = new ArrayList<>();

	private volatile @Nullable List<HostServiceCustomizer> ordered;

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
			customize(host.hostServices());
			if (!marked().isEmpty()) {
				this.expectation = host.hostServices().expectMore();
			}
		}
		return bean;
	}

	/**
	 * Find the beans without creating a factory bean to find out its type.
	 */
	private List<String> marked() {
		return Arrays.stream(this.beans.getBeanDefinitionNames())
			.filter((bean) -> this.beans.findAnnotationOnBean(bean, HostService.class, false) != null)
			.toList();
	}

	@Override
	public void initialize(ConfigurableListableBeanFactory beanFactory) {
		offer(marked());
		if (this.expectation != null) {
			this.expectation.close();
		}
	}

	/**
	 * Offer the services of factory beans, whose types are known now.
	 */
	@Override
	public void afterSingletonsInstantiated() {
		offer(List.of(this.beans.getBeanNamesForAnnotation(HostService.class)));
	}

	private void offer(List<String> names) {
		HostServices hostServices = this.beans.getBean(ComponentHost.class).hostServices();
		if (isLocal()) {
			customize(hostServices);
		}
		for (String bean : names) {
			if (!ScopedProxyUtils.isScopedTarget(bean) && this.known.add(bean)) {
				List<ServerServiceDefinition> services = services(bean);
				if (services.isEmpty()) {
					logger
						.info(LogMessage.format("Plugins do not find the bean '%s', because the bean is a mock", bean));
				}
				for (ServerServiceDefinition service : services) {
					offer(bean, service, hostServices);
				}
			}
		}
	}

	private void offer(String bean, ServerServiceDefinition service, HostServices hostServices) {
		String name = service.getServiceDescriptor().getName();
		String other = this.offered.putIfAbsent(name, bean);
		if (other != null) {
			throw new FailureAnalyzedException(
					"The beans '" + other + "' and '" + bean + "' implement the same gRPC service '" + name
							+ "', but plugins identify a service by this name only",
					"Remove " + ANNOTATION + " from one of them.");
		}
		this.registrations.add(hostServices.add(customize(service)));
	}

	/**
	 * Customize what the host serves, unless there is nothing to customize: a proxy costs
	 * less without a customizer.
	 */
	private void customize(HostServices hostServices) {
		if (BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beans, HostServiceCustomizer.class, true,
				false).length > 0) {
			hostServices.customize(this.customizer);
		}
	}

	private boolean isLocal() {
		return this.beans.getBeanNamesForType(ComponentHost.class, true, false).length > 0;
	}

	/**
	 * A host in this context closes later, and serves the plugins until then.
	 */
	@Override
	public void destroy() {
		if (this.expectation != null) {
			this.expectation.close();
		}
		if (!isLocal()) {
			this.registrations.forEach(Registration::close);
		}
	}

	/**
	 * Return the services of a bean.
	 * @return no services if the bean is a mock
	 */
	private List<ServerServiceDefinition> services(String bean) {
		boolean contract = this.beans.isTypeMatch(bean, ContractObject.class);
		if (!contract && !this.beans.isTypeMatch(bean, BindableService.class)) {
			throw failure(bean,
					"the bean is not a " + BindableService.class.getName() + ", and implements no generated interface",
					"Extend the generated base class of the service, <Service>Grpc.<Service>ImplBase,"
							+ " or implement its generated interface, or remove " + ANNOTATION + ".");
		}
		if (!this.beans.isSingleton(bean)) {
			throw failure(bean, "the bean is not a singleton", "Declare the bean with the singleton scope.");
		}
		if (contract) {
			return ContractKinds.bind(this.beans.getBean(bean, ContractObject.class));
		}
		ServerServiceDefinition service = this.beans.getBean(bean, BindableService.class).bindService();
		return (service != null) ? List.of(service) : List.of();
	}

	private ServerServiceDefinition customize(ServerServiceDefinition service) {
		ServerServiceDefinition customized = service;
		for (HostServiceCustomizer customizer : customizers()) {
			customized = customizer.customize(customized);
		}
		return customized;
	}

	/**
	 * Look up the customizers when something is customized for the first time. A plugin
	 * may call the application while the application waits for the plugin. The method
	 * needs no lock, because concurrent threads find the same beans.
	 */
	private List<HostServiceCustomizer> customizers() {
		List<HostServiceCustomizer> ordered = this.ordered;
		if (ordered == null) {
			ordered = this.customizers.orderedStream().toList();
			this.ordered = ordered;
		}
		return ordered;
	}

	private static FailureAnalyzedException failure(String bean, String problem, String action) {
		return new FailureAnalyzedException("The bean '" + bean + "' cannot be offered to plugins: " + problem, action);
	}

}
