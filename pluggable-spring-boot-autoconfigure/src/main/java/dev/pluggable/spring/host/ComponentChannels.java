package dev.pluggable.spring.host;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import dev.pluggable.Component;
import dev.pluggable.ComponentClient;
import dev.pluggable.grpc.GrpcKind;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.kind.ComponentCalls;
import io.grpc.Channel;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.support.DefaultListableBeanFactory;

/**
 * Finds the channel that leads to a component, for generated stubs. A component of any
 * kind has one unless it is built in.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ComponentChannels {

	private final DefaultListableBeanFactory beanFactory;

	private final Supplier<ComponentHost> host;

	private final ComponentBeans beans;

	/**
	 * Create a view of the channels.
	 * @param beanFactory the bean factory that contains the components
	 * @param host returns the host, which is created if it does not exist
	 */
	public ComponentChannels(DefaultListableBeanFactory beanFactory, Supplier<ComponentHost> host) {
		this.beanFactory = beanFactory;
		this.host = host;
		this.beans = new ComponentBeans(beanFactory);
	}

	/**
	 * Find the channel of a component. If the component is a {@link Channel} itself, the
	 * result is its bean, which a test may have replaced.
	 * @param name name of the component
	 * @return the channel, which works whether the process of the component is there or
	 * not
	 * @throws NoChannelException if there is no such component, or if it is built in
	 */
	public Channel get(String name) {
		Channel bean = bean(name);
		if (bean != null) {
			return bean;
		}
		List<Component<?>> components = this.host.get().registry().components();
		List<Component<?>> named = components.stream()
			.filter((component) -> component.name().equals(name) || component.id().equals(name))
			.toList();
		for (Component<?> component : named) {
			Channel channel = (component.kind() == GrpcKind.INSTANCE) ? discovered(component) : null;
			if (channel != null) {
				return channel;
			}
		}
		for (Component<?> component : named) {
			ComponentClient client = component.client();
			if (client != null) {
				return new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE).channel();
			}
		}
		if (!named.isEmpty()) {
			throw new NoChannelException("The component '" + name + "' has the built-in type '" + named.get(0).type()
					+ "', which has no channel.", "Use a component in another process.");
		}
		throw unknown(name, components);
	}

	private @Nullable Channel discovered(Component<?> component) {
		return this.beans.beanName(component).map(this::bean).orElse(null);
	}

	private @Nullable Channel bean(String name) {
		return (this.beanFactory.containsBean(name) && this.beanFactory.isTypeMatch(name, Channel.class))
				? this.beanFactory.getBean(name, Channel.class) : null;
	}

	private static NoChannelException unknown(String name, List<Component<?>> components) {
		List<String> names = components.stream()
			.filter((component) -> component.client() != null)
			.map(Component::name)
			.distinct()
			.sorted()
			.toList();
		Optional<String> similar = SimilarNames.find(name, names);
		return new NoChannelException(
				"There is no component '" + name + "'."
						+ similar.map((other) -> " Did you mean '" + other + "'?").orElse("")
						+ " The components in other processes are " + names + ".",
				"To declare the component, set 'pluggable.components." + name
						+ ".type' to 'grpc.' and the name of its socket or plugin.");
	}

	/**
	 * Thrown when there is no channel for a name.
	 *
	 * @since 0.1.0
	 */
	public static final class NoChannelException extends RuntimeException {

		private static final long serialVersionUID = 1L;

		private final String action;

		NoChannelException(String message, String action) {
			super(message);
			this.action = action;
		}

		/**
		 * Return what to do about the problem.
		 * @return a sentence
		 */
		public String action() {
			return this.action;
		}

	}

}
