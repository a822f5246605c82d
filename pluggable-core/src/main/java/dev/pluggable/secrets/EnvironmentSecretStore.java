package dev.pluggable.secrets;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Reads secrets from environment variables. A variable that is not set is a secret that
 * does not exist.
 */
final class EnvironmentSecretStore implements SecretStore {

	private final Supplier<Map<String, String>> environment;

	private final String prefix;

	EnvironmentSecretStore(Supplier<Map<String, String>> environment, String prefix) {
		this.environment = environment;
		this.prefix = prefix;
	}

	static EnvironmentSecretStore create(Map<String, String> metadata) {
		return new EnvironmentSecretStore(System::getenv, new StoreMetadata(metadata).text("prefix", ""));
	}

	@Override
	public Secret get(GetSecretRequest request) {
		String variable = this.prefix + request.name();
		String value = hidden(variable) ? null : this.environment.get().get(variable);
		if (value == null) {
			throw new SecretNotFoundException(request.name());
		}
		return Secret.of(request.name(), value);
	}

	@Override
	public Map<String, Secret> bulkGet(Map<String, String> metadata) {
		Map<String, Secret> secrets = new LinkedHashMap<>();
		this.environment.get().forEach((variable, value) -> {
			if (variable.startsWith(this.prefix) && variable.length() > this.prefix.length() && !hidden(variable)) {
				String name = variable.substring(this.prefix.length());
				secrets.put(name, Secret.of(name, value));
			}
		});
		return secrets;
	}

	/**
	 * Whether a variable is one of Dapr's, which may contain tokens. Dapr hides them,
	 * too.
	 */
	private static boolean hidden(String variable) {
		String upper = variable.toUpperCase(Locale.ROOT);
		return upper.equals("APP_API_TOKEN") || upper.startsWith("DAPR_");
	}

	@Override
	public Set<String> features() {
		return Set.of();
	}

}
