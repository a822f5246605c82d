package dev.pluggable.spring.autoconfigure.listener;

import dev.pluggable.ComponentRegistry;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.listener.ComponentLookup;
import dev.pluggable.spring.listener.ListenerContainers;
import dev.pluggable.spring.listener.ListenerMethods;
import dev.pluggable.spring.listener.PayloadConverter;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.messaging.converter.JacksonJsonMessageConverter;
import org.springframework.messaging.converter.MessageConverter;
import org.springframework.messaging.handler.HandlerMethod;
import org.springframework.validation.Validator;

/**
 * Auto-configuration for the common parts of all listeners. The {@link MessageConverter}
 * beans and the {@link JsonMapper} of the application convert payloads. The converter is
 * lazy, because the creation of a JSON mapper would delay the start of applications that
 * neither listen nor publish. Each application context has its own listeners, also if its
 * parent context has some.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableAutoConfiguration.class,
		afterName = { "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
				"org.springframework.boot.validation.autoconfigure.ValidationAutoConfiguration" })
@ConditionalOnClass(HandlerMethod.class)
@ConditionalOnBean(ComponentRegistry.class)
@Import({ PluggableListenerAutoConfiguration.WithJackson.class,
		PluggableListenerAutoConfiguration.WithoutJackson.class })
public final class PluggableListenerAutoConfiguration {

	private static final String CONTAINERS = "pluggableListenerContainers";

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	ComponentLookup pluggableComponentLookup(ComponentRegistry registry, ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<ComponentBeans> components) {
		return new ComponentLookup(registry, beanFactory, components.getIfAvailable());
	}

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	ListenerMethods pluggableListenerMethods(ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<PayloadConverter> converter, ObjectProvider<Validator> validator) {
		return new ListenerMethods(beanFactory, converter, validator);
	}

	@Bean(CONTAINERS)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	ListenerContainers pluggableListenerContainers(ComponentLookup lookup,
			ConfigurableListableBeanFactory beanFactory) {
		return new ListenerContainers(lookup, beanFactory, CONTAINERS);
	}

	/**
	 * Registers a converter that writes all payloads except text as JSON.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JsonMapper.class)
	static class WithJackson {

		@Bean
		@Lazy
		@ConditionalOnMissingBean
		PayloadConverter pluggablePayloadConverter(ObjectProvider<MessageConverter> converters,
				ObjectProvider<JsonMapper> mapper) {
			return new PayloadConverter(converters.orderedStream().toList(), new JacksonJsonMessageConverter(
					mapper.getIfAvailable(() -> JsonMapper.builder().findAndAddModules().build())));
		}

	}

	/**
	 * Registers a converter for text, bytes, and types that the application converts.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("tools.jackson.databind.json.JsonMapper")
	static class WithoutJackson {

		@Bean
		@Lazy
		@ConditionalOnMissingBean
		PayloadConverter pluggablePayloadConverter(ObjectProvider<MessageConverter> converters) {
			return new PayloadConverter(converters.orderedStream().toList(), null);
		}

	}

}
