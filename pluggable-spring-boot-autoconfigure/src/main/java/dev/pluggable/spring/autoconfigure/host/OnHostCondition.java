package dev.pluggable.spring.autoconfigure.host;

import java.util.List;

import dev.pluggable.spring.server.ComponentServers;

import org.springframework.beans.factory.ListableBeanFactory;
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
 * Matches if the application uses components of other processes. An application that
 * serves components matches only if the application declares components or plugins.
 * Without declarations the application needs no host, and a host would discover the
 * application's own socket.
 */
class OnHostCondition extends SpringBootCondition implements ConfigurationCondition {

	private static final String PROPERTY = "pluggable.host.enabled";

	/**
	 * Prefixes of the properties that declare components and plugins.
	 */
	private static final List<ConfigurationPropertyName> DECLARATIONS = List.of(
			ConfigurationPropertyName.of("pluggable.components"), ConfigurationPropertyName.of("pluggable.resources"),
			ConfigurationPropertyName.of("pluggable.plugins"));

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
		ListableBeanFactory beans = context.getBeanFactory();
		if (beans == null || beans.getBeanNamesForType(ComponentServers.class, true, false).length == 0) {
			return ConditionOutcome.match(message.because("the application serves no components"));
		}
		boolean declares = DECLARATIONS.stream().anyMatch((name) -> isSet(environment, name));
		return new ConditionOutcome(declares, message.because(
				"the application serves components and declares " + (declares ? "" : "no ") + "components or plugins"));
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
