package dev.pluggable.autoconfigure.server;

import dev.pluggable.spring.server.PluggableComponent;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;

/**
 * Whether the application says that it is a component. That it has beans of a kind does
 * not say so: an application that uses components has them, too.
 */
class OnServedBeansCondition extends AnyNestedCondition {

	OnServedBeansCondition() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnProperty(PropertiesServerSettings.NAME)
	static class Named {

	}

	@ConditionalOnBean(annotation = PluggableComponent.class)
	static class Annotated {

	}

}
