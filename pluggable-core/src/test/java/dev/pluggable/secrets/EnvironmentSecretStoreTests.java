package dev.pluggable.secrets;

import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class EnvironmentSecretStoreTests {

	private static final Map<String, String> ENVIRONMENT = Map.of("APP_DB", "v1", "APP_", "v2", "OTHER", "", "DAPR_X",
			"v4", "dapr_y", "v5", "APP_API_TOKEN", "v6");

	@Test
	void whenThereIsNoPrefixThenAllVariablesButDaprsAreSecrets() {
		SecretStore store = new EnvironmentSecretStore(() -> ENVIRONMENT, "");
		assertThat(store.get("APP_DB").value()).isEqualTo("v1");
		assertThat(store.get("OTHER").value("OTHER")).contains("");
		assertThat(store.bulkGet()).containsOnlyKeys("APP_DB", "APP_", "OTHER");
		assertThat(store.features()).isEmpty();
		for (String name : new String[] { "DAPR_X", "dapr_y", "APP_API_TOKEN", "app_db", "NONE", "../x", "a=b" }) {
			assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> store.get(name))
				.withMessageContaining(name);
		}
	}

	@Test
	void whenThereIsAPrefixThenNamesAreWithoutIt() {
		SecretStore store = new EnvironmentSecretStore(() -> ENVIRONMENT, "APP_");
		assertThat(store.get("DB").value("DB")).contains("v1");
		assertThat(store.bulkGet()).containsOnlyKeys("DB");
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> store.get("API_TOKEN"));
		assertThatExceptionOfType(SecretNotFoundException.class).isThrownBy(() -> store.get("APP_DB"));
	}

	@Test
	void whenItIsMadeThenItReadsTheEnvironmentOfTheProcess() throws Exception {
		Map.Entry<String, String> variable = System.getenv()
			.entrySet()
			.stream()
			.filter((entry) -> !entry.getKey().toUpperCase(Locale.ROOT).startsWith("DAPR_"))
			.findFirst()
			.orElseThrow();
		SecretStore store = SecretStoreKind.INSTANCE.builtIns()
			.get("local.env")
			.create("env", Map.of("PREFIX", variable.getKey().substring(0, 1)));
		assertThat(store.bulkGet()).isNotEmpty();
		assertThat(
				SecretStoreKind.INSTANCE.builtIns().get("env").create("env", Map.of()).get(variable.getKey()).value())
			.isEqualTo(variable.getValue());
	}

}
