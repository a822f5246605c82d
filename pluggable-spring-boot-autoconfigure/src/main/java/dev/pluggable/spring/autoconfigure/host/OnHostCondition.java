package dev.pluggable.spring.autoconfigure.host;

import java.util.List;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.ConfigurationCondition;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether the application uses components of other processes. One that is a component
 * itself does only if it says so: it needs no host, and would find its own socket.
 */
class OnHostCondition extends SpringBootCondition implements ConfigurationCondition {

	private static final String PROPERTY = "pluggable.host.enabled";

	/**
	 * Where components and the plugins that bring some are declared.
	 */
	private static final List<ConfigurationPropertyName> DECLARATIONS = List.of(
			ConfigurationPropertyName.of("pluggable.components"), ConfigurationPropertyName.of("pluggable.resources"),
			ConfigurationPropertyName.of("pluggable.plugins"));

	/**
	 * Name of the bean that serves, which is in a room of its own.
	 */
	private static final String SERVERS = "pluggableComponentServers";

	@Override
	public ConfigurationPhase getConfigurationPhase() {
		return ConfigurationPhase.REGISTER_BEAN;
	}

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		ConditionMessage.Builder message = ConditionMessage.forCondition("Host of components");
		Environment environment = context.getEnvironment();
		Boolean enabled = environment.getProperty(PROPERTY, Boolean.class);
		if (enabled != null) {
			return new ConditionOutcome(enabled, message.because(PROPERTY + " is " + enabled));
		}
		if (!context.getRegistry().containsBeanDefinition(SERVERS)) {
			return ConditionOutcome.match(message.because("the application is not a component itself"));
		}
		boolean declares = DECLARATIONS.stream().anyMatch((name) -> isSet(environment, name));
		return new ConditionOutcome(declares, message.because("the application is a component itself, and declares "
				+ (declares ? "" : "no ") + "components or plugins"));
	}

	private static boolean isSet(Environment environment, ConfigurationPropertyName name) {
		for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
			if (source.getConfigurationProperty(name) != null
					|| source.containsDescendantOf(name) == ConfigurationPropertyState.PRESENT) {
				return true;
			}
		}
		return false;
	}

}
