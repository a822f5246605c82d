package dev.pluggable.spring.autoconfigure.pubsub;

import java.util.Map;

import dev.pluggable.observation.MessageListener;
import dev.pluggable.pubsub.PubSub;
import dev.pluggable.spring.autoconfigure.listener.PluggableListenerAutoConfiguration;
import dev.pluggable.spring.host.ComponentTemplates;
import dev.pluggable.spring.listener.ComponentLookup;
import dev.pluggable.spring.listener.ListenerContainers;
import dev.pluggable.spring.listener.ListenerMethods;
import dev.pluggable.spring.listener.PayloadConverter;
import dev.pluggable.spring.pubsub.CloudEventFormat;
import dev.pluggable.spring.pubsub.PubSubTemplate;
import dev.pluggable.spring.pubsub.PubSubTemplates;
import dev.pluggable.spring.pubsub.TopicListenerProcessor;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration for topic listeners and for publishing templates.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableListenerAutoConfiguration.class)
@ConditionalOnBean(ListenerContainers.class)
@Import(PluggablePubSubAutoConfiguration.CloudEvents.class)
public final class PluggablePubSubAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	TopicListenerProcessor pluggableTopicListenerProcessor(ListenerMethods methods, ListenerContainers containers,
			ObjectProvider<CloudEventFormat> format) {
		return new TopicListenerProcessor(methods, containers, format);
	}

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	PubSubTemplates pluggablePubSubTemplates(ComponentLookup lookup, PayloadConverter converter,
			ObjectProvider<CloudEventFormat> format, ObjectProvider<MessageListener> messages,
			Environment environment) {
		MessageListener listener = messages.getIfAvailable();
		String source = environment.getProperty("pluggable.application.id",
				environment.getProperty("spring.application.name", ""));
		return new PubSubTemplates(lookup, converter, format.getIfAvailable(),
				source.isBlank() ? "application" : source, (listener != null) ? listener::traceFields : Map::of);
	}

	/**
	 * The template is lazy, because injection of the component fails if several
	 * components exist and none of them is primary.
	 */
	@Bean
	@Lazy
	@ConditionalOnMissingBean
	PubSubTemplate pluggablePubSubTemplate(PubSub pubSub, PubSubTemplates templates) {
		return templates.of(pubSub);
	}

	/**
	 * Registers the template of each declared component, with the name of the component
	 * as its qualifier.
	 */
	@Bean
	static ComponentTemplates<PubSubTemplate> pluggablePubSubComponentTemplates() {
		return new ComponentTemplates<>(PubSub.class, PubSubTemplate.class,
				(beans, pubSub) -> beans.getBean(PubSubTemplates.class).of((PubSub) pubSub));
	}

	/**
	 * Registers the CloudEvents format, which needs Jackson.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(JsonMapper.class)
	static class CloudEvents {

		@Bean
		@Lazy
		@ConditionalOnMissingBean
		CloudEventFormat pluggableCloudEventFormat() {
			return new CloudEventFormat();
		}

	}

}
