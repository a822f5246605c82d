package dev.pluggable.spring.autoconfigure.bindings;

import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.bindings.BindingListenerProcessor;
import dev.pluggable.spring.listener.ListenerContainers;
import dev.pluggable.spring.listener.ListenerMethods;
import dev.pluggable.spring.listener.PayloadConverter;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration for listener methods of input bindings.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableListenerAutoConfiguration.class)
@ConditionalOnBean(ListenerContainers.class)
public final class PluggableBindingListenerAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	BindingListenerProcessor pluggableBindingListenerProcessor(ListenerMethods methods, ListenerContainers containers,
			ObjectProvider<PayloadConverter> converter) {
		return new BindingListenerProcessor(methods, containers, converter);
	}

}
