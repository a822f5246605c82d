package dev.pluggable.spring.resources;

import java.util.Locale;
import java.util.UUID;
import java.util.function.Function;

import dev.pluggable.ApplicationIdentity;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * Resolves the environment variables and the templates in component files by Dapr's
 * rules.
 */
final class ComponentVariables {

	private static final Log logger = LogFactory.getLog(ComponentVariables.class);

	private static final String UUID_TEMPLATE = "{uuid}";

	private static final String POD_NAME = "POD_NAME";

	private final ApplicationIdentity application;

	private final Function<String, @Nullable String> environment;

	ComponentVariables(ApplicationIdentity application, Function<String, @Nullable String> environment) {
		this.application = application;
		this.environment = environment;
	}

	/**
	 * Return the value of an environment variable, empty if the variable is not set.
	 */
	String variable(String name, Place place) {
		String upperCase = name.toUpperCase(Locale.ROOT);
		if (upperCase.startsWith("DAPR_") || upperCase.equals("APP_API_TOKEN") || name.indexOf(' ') >= 0) {
			throw new ComponentFileException(place,
					"the environment variable '" + name + "' must not be used by a component",
					"Use another variable whose name contains no space. Dapr reserves 'APP_API_TOKEN' and "
							+ "all names that begin with 'DAPR_'.");
		}
		String value = this.environment.apply(name);
		if (value == null) {
			logger.warn(LogMessage.format("Component file %s: the environment variable '%s' is not set; "
					+ "as in Dapr, the component receives an empty value", place, name));
			return "";
		}
		return value;
	}

	/**
	 * Replace the templates in a value, such as {@code {uuid}}.
	 */
	String expand(String value, Place place) {
		String expanded = expandUuids(value);
		if (expanded.contains("{podName}")) {
			String podName = this.environment.apply(POD_NAME);
			if (podName == null || podName.isEmpty()) {
				throw new ComponentFileException(place,
						"'{podName}' cannot be replaced, because the environment variable 'POD_NAME' is not set",
						"Set 'POD_NAME', or write '{uuid}' for an arbitrary unique name.");
			}
			expanded = expanded.replace("{podName}", podName);
		}
		if (expanded.contains("{namespace}")) {
			expanded = expanded.replace("{namespace}",
					this.application.namespace() + "." + applicationId("{namespace}", place));
		}
		return expanded.contains("{appID}") ? expanded.replace("{appID}", applicationId("{appID}", place)) : expanded;
	}

	/**
	 * Replace each template by a UUID of its own.
	 */
	private static String expandUuids(String value) {
		StringBuilder expanded = new StringBuilder(value.length());
		int end = 0;
		for (int start = value.indexOf(UUID_TEMPLATE); start >= 0; start = value.indexOf(UUID_TEMPLATE, end)) {
			expanded.append(value, end, start).append(UUID.randomUUID());
			end = start + UUID_TEMPLATE.length();
		}
		return expanded.append(value, end, value.length()).toString();
	}

	private String applicationId(String template, Place place) {
		if (this.application.id().isEmpty()) {
			throw new ComponentFileException(place,
					"'" + template + "' cannot be replaced, because the application has no id",
					"Set 'pluggable.application.id' or 'spring.application.name'.");
		}
		return this.application.id();
	}

}
