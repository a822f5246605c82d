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
 * Internal: public for other packages of this module, not for applications.
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

	private ListenerDefinition<InputBinding> define(BindingListener annotation, ListenerEndpoint site) {
		ReadRequest request = request(annotation, site);
		BindingMethodHandler handler = new BindingMethodHandler(site, this.converter.getObject());
		return new ListenerDefinition<>(site, site.text("id", annotation.id()), InputBinding.class, KIND,
				site.required("value", annotation.value()), null, site.flag("autoStartup", annotation.autoStartup()),
				request.grace(), (binding) -> {
					Reading reading = binding.read(request, handler);
					return new ListenerStream<>(reading, reading::status);
				});
	}

	private static ReadRequest request(BindingListener annotation, ListenerEndpoint site) {
		ReadRequest defaults = ReadRequest.defaults();
		int concurrency = site.number("concurrency", annotation.concurrency(), defaults.concurrency());
		Duration timeout = site.duration("handlerTimeout", annotation.handlerTimeout(), defaults.handlerTimeout());
		Duration grace = site.duration("grace", annotation.grace(), defaults.grace());
		return site.checked(() -> new ReadRequest(concurrency, timeout, grace));
	}

}
