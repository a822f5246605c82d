package dev.pluggable.spring.bindings;

import java.time.Duration;

import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.ReadRequest;
import dev.pluggable.bindings.Reading;
import dev.pluggable.spring.listener.ListenerContainers;
import dev.pluggable.spring.listener.ListenerDefinition;
import dev.pluggable.spring.listener.ListenerEndpoint;
import dev.pluggable.spring.listener.ListenerMethods;
import dev.pluggable.spring.listener.ListenerStream;
import dev.pluggable.spring.listener.PayloadConverter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Creates a listener for each method with {@link BindingListener}.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class BindingListenerProcessor implements SmartInitializingSingleton {

	private static final String KIND = "bindings";

	private final ListenerMethods methods;

	private final ListenerContainers containers;

	private final ObjectProvider<PayloadConverter> converter;

	/**
	 * Create a processor.
	 * @param methods finds the methods
	 * @param containers runs the listeners
	 * @param converter converts answers. The converter is created with the first listener
	 */
	public BindingListenerProcessor(ListenerMethods methods, ListenerContainers containers,
			ObjectProvider<PayloadConverter> converter) {
		this.methods = methods;
		this.containers = containers;
		this.converter = converter;
	}

	@Override
	public void afterSingletonsInstantiated() {
		this.containers.add(this.methods.define(BindingListener.class, BindingListeners.class, this::define));
	}

	private ListenerDefinition<InputBinding> define(BindingListener annotation, ListenerEndpoint endpoint) {
		ReadRequest request = request(annotation, endpoint);
		BindingMethodHandler handler = new BindingMethodHandler(endpoint, this.converter.getObject());
		return new ListenerDefinition<>(endpoint, endpoint.text("id", annotation.id()), InputBinding.class, KIND,
				endpoint.required("value", annotation.value()), null,
				endpoint.flag("autoStartup", annotation.autoStartup()), request.grace(),
				(binding) -> new ListenerStream<>(binding.read(request, handler), Reading::status));
	}

	private static ReadRequest request(BindingListener annotation, ListenerEndpoint endpoint) {
		ReadRequest defaults = ReadRequest.defaults();
		int concurrency = endpoint.number("concurrency", annotation.concurrency(), defaults.concurrency());
		Duration timeout = endpoint.duration("handlerTimeout", annotation.handlerTimeout(), defaults.handlerTimeout());
		Duration grace = endpoint.duration("grace", annotation.grace(), defaults.grace());
		return endpoint.checked(() -> new ReadRequest(concurrency, timeout, grace));
	}

}
