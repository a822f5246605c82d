package dev.pluggable.spring.autoconfigure.state;

import dev.pluggable.ComponentRegistry;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.host.ComponentBeans;
import dev.pluggable.spring.host.ComponentTemplates;
import dev.pluggable.spring.listener.ComponentLookup;
import dev.pluggable.spring.state.StateTemplate;
import dev.pluggable.spring.state.StateTemplates;
import dev.pluggable.state.StateStore;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.util.function.SingletonSupplier;

/**
 * Auto-configuration for a {@link StateTemplate} that uses the {@link JsonMapper} of the
 * application.
 *
 * @since 0.1.0
 */
@AutoConfiguration(after = PluggableAutoConfiguration.class,
		afterName = "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration")
@ConditionalOnClass(JsonMapper.class)
@ConditionalOnBean(ComponentRegistry.class)
public final class PluggableStateAutoConfiguration {

	/**
	 * The template is lazy, because injection of the store fails if several stores exist
	 * and none of them is primary. Such an application injects the template of a declared
	 * store by a qualifier.
	 */
	@Bean
	@Lazy
	@ConditionalOnMissingBean
	StateTemplate pluggableStateTemplate(StateStore store, StateTemplates templates) {
		return templates.of(store);
	}

	@Bean
	@Lazy
	@ConditionalOnMissingBean
	StateTemplates pluggableStateTemplates(ComponentRegistry registry, ConfigurableListableBeanFactory beanFactory,
			ObjectProvider<ComponentBeans> components, ObjectProvider<JsonMapper> mapper) {
		return new StateTemplates(new ComponentLookup(registry, beanFactory, components.getIfAvailable()),
				SingletonSupplier
					.of(() -> mapper.getIfAvailable(() -> JsonMapper.builder().findAndAddModules().build())));
	}

	/**
	 * Registers the template of each declared store, with the name of the store as its
	 * qualifier.
	 */
	@Bean
	static ComponentTemplates<StateTemplate> pluggableStateStoreTemplates() {
		return new ComponentTemplates<>(StateStore.class, StateTemplate.class,
				(beans, store) -> beans.getBean(StateTemplates.class).of((StateStore) store));
	}

}
