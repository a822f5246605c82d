package dev.pluggable.spring.autoconfigure.server;

import java.util.Arrays;
import java.util.stream.Stream;

import dev.pluggable.spring.server.PluggableComponent;
import dev.pluggable.spring.server.ServedBeans;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches if the application serves components: if the property with the name of the
 * socket or an annotated bean exists. A bean that implements a kind does not suffice,
 * because an application that uses components has such beans, too.
 */
class OnServedBeansCondition extends SpringBootCondition implements ConfigurationCondition {

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("Component");
		String name = context.getEnvironment().getProperty(ServedBeans.NAME_PROPERTY);
		if (name != null && !name.equalsIgnoreCase("false")) {
			return ConditionOutcome.match(message.foundExactly("property " + ServedBeans.NAME_PROPERTY));
		}
		String bean = annotated(context.getBeanFactory());
		if (bean != null) {
			return ConditionOutcome
				.match(message.foundExactly("@" + PluggableComponent.class.getSimpleName() + " on bean " + bean));
		}
		return ConditionOutcome.noMatch(message.because("there is neither the property " + ServedBeans.NAME_PROPERTY
				+ " nor a bean with @" + PluggableComponent.class.getSimpleName()));
	}

	private static @Nullable String annotated(@Nullable ConfigurableListableBeanFactory beans) {
		if (beans != null) {
			Stream<String> defined = Arrays.stream(beans.getBeanDefinitionNames())
				.filter((name) -> !beans.getBeanDefinition(name).isAbstract());
			return Stream.concat(defined, Arrays.stream(beans.getSingletonNames()))
				.filter((name) -> beans.findAnnotationOnBean(name, PluggableComponent.class, false) != null)
				.findFirst()
				.orElse(null);
		}
		return null;
	}

}
