package dev.pluggable.hello;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import dev.pluggable.ComponentContext;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.proto.layotto.v1.HelloProto;
import dev.pluggable.proto.layotto.v1.LayottoCommonProto;

/**
 * Converts metadata into Layotto's configuration, and back.
 */
final class GrpcHelloConfig {

	private static final Pattern SECRET_REF = Pattern
		.compile("secretRef(?:\\.(\\d{1,4})|\\[(\\d{1,4})])\\.(storeName|key|subKey|injectAs)");

	private GrpcHelloConfig() {
	}

	static HelloProto.HelloConfig toProto(ComponentContext context) {
		HelloProto.HelloConfig.Builder config = HelloProto.HelloConfig.newBuilder()
			.setType(context.type().implementation());
		Map<Integer, LayottoCommonProto.SecretRefConfig.Builder> secrets = new TreeMap<>();
		context.metadata().forEach((key, value) -> {
			switch (key) {
				case HelloKind.HELLO -> config.setHelloString(value);
				case HelloKind.SECRET_STORE -> config.getConfigBuilder().getComponentRefBuilder().setSecretStore(value);
				case HelloKind.CONFIG_STORE -> config.getConfigBuilder().getComponentRefBuilder().setConfigStore(value);
				default -> {
					if (key.startsWith("secretRef") || key.startsWith("componentRef.")) {
						addSecret(secrets, key, value);
					}
					else {
						config.putMetadata(key, value);
					}
				}
			}
		});
		secrets.values().forEach((secret) -> config.getConfigBuilder().addSecretRef(secret));
		return config.build();
	}

	private static void addSecret(Map<Integer, LayottoCommonProto.SecretRefConfig.Builder> secrets, String key,
			String value) {
		Matcher matcher = SECRET_REF.matcher(key);
		if (!matcher.matches()) {
			throw new InvalidRequestException("Metadata '" + key + "' is reserved; there are '" + HelloKind.SECRET_STORE
					+ "', '" + HelloKind.CONFIG_STORE
					+ "' and 'secretRef.<n>.' with 'storeName', 'key', 'subKey' or 'injectAs'");
		}
		String index = (matcher.group(1) != null) ? matcher.group(1) : matcher.group(2);
		LayottoCommonProto.SecretRefConfig.Builder secret = secrets.computeIfAbsent(Integer.valueOf(index),
				(number) -> LayottoCommonProto.SecretRefConfig.newBuilder());
		switch (matcher.group(3)) {
			case "storeName" -> secret.setStoreName(value);
			case "key" -> secret.setKey(value);
			case "subKey" -> secret.setSubKey(value);
			default -> secret.setInjectAs(value);
		}
	}

	/**
	 * Convert a configuration into metadata. The metadata does not contain the type,
	 * which the component knows.
	 */
	static Map<String, String> toMetadata(HelloProto.HelloConfig config) {
		Map<String, String> metadata = new HashMap<>(config.getMetadataMap());
		put(metadata, HelloKind.HELLO, config.getHelloString());
		LayottoCommonProto.ComponentRefConfig components = config.getConfig().getComponentRef();
		put(metadata, HelloKind.SECRET_STORE, components.getSecretStore());
		put(metadata, HelloKind.CONFIG_STORE, components.getConfigStore());
		int index = 0;
		for (LayottoCommonProto.SecretRefConfig secret : config.getConfig().getSecretRefList()) {
			String prefix = "secretRef." + index++ + ".";
			put(metadata, prefix + "storeName", secret.getStoreName());
			put(metadata, prefix + "key", secret.getKey());
			put(metadata, prefix + "subKey", secret.getSubKey());
			put(metadata, prefix + "injectAs", secret.getInjectAs());
		}
		return metadata;
	}

	private static void put(Map<String, String> metadata, String key, String value) {
		if (!value.isEmpty()) {
			metadata.put(key, value);
		}
	}

}
