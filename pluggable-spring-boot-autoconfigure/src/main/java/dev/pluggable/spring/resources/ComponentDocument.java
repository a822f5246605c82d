package dev.pluggable.spring.resources;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentType;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.SecretReference;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.log.LogMessage;

/**
 * A document of the kind {@code Component}. Each field is parsed on demand. A mistake in
 * the component of another application is not an error in this application.
 */
final class ComponentDocument {

	private static final Log logger = LogFactory.getLog(ComponentDocument.class);

	private static final String KIND = "Component";

	private static final String API_VERSION = "dapr.io/v1alpha1";

	private static final Set<String> VERSIONS = Set.of("", "v0", "v1");

	private static final Duration LONGEST_TIMEOUT = Duration.ofDays(365);

	private final YamlMapping document;

	private final YamlMapping metadata;

	private ComponentDocument(YamlMapping document) {
		this.document = document;
		this.metadata = require(document, "metadata");
	}

	/**
	 * Return the component that a document describes.
	 * @return the component, {@code null} if the document has another kind
	 */
	static @Nullable ComponentDocument of(YamlMapping document) {
		String kind = document.text("kind");
		if (kind.isEmpty() || (kind.equalsIgnoreCase(KIND) && !kind.equals(KIND))) {
			throw new ComponentFileException(document.place("kind"),
					kind.isEmpty() ? "'kind' is missing" : "'kind' is '" + kind + "'", "Write 'kind: Component'.");
		}
		if (!kind.equals(KIND)) {
			logger.info(LogMessage.format("Component file %s: the document is ignored, because its kind is '%s'",
					document.place(), kind));
			return null;
		}
		String apiVersion = document.text("apiVersion");
		if (!apiVersion.equals(API_VERSION)) {
			throw new ComponentFileException(document.place("apiVersion"),
					apiVersion.isEmpty() ? "'apiVersion' is missing" : "'apiVersion' is '" + apiVersion + "'",
					"Write 'apiVersion: " + API_VERSION + "'.");
		}
		return new ComponentDocument(document);
	}

	private static YamlMapping require(YamlMapping parent, String name) {
		YamlMapping mapping = parent.mapping(name);
		if (mapping == null) {
			throw missing(parent, name);
		}
		return mapping;
	}

	private static String requireText(YamlMapping parent, String name) {
		String text = parent.text(name);
		if (text.isEmpty()) {
			throw missing(parent, name);
		}
		return text;
	}

	private static ComponentFileException missing(YamlMapping parent, String name) {
		return new ComponentFileException(parent.place(name), "'" + parent.path(name) + "' is missing",
				"Write a value.");
	}

	String name() {
		return requireText(this.metadata, "name");
	}

	Place place() {
		return this.metadata.place("name");
	}

	/**
	 * Return whether an application uses the component.
	 */
	boolean isFor(ApplicationIdentity application) {
		String namespace = this.metadata.text("namespace");
		if (!namespace.isEmpty() && !application.namespace().isEmpty() && !namespace.equals(application.namespace())) {
			logger.debug(LogMessage.format("Component file %s: the component is ignored, because its namespace is '%s'",
					place(), namespace));
			return false;
		}
		List<String> scopes = this.document.texts("scopes");
		if (scopes.isEmpty() || scopes.contains(application.id())) {
			return true;
		}
		if (application.id().isEmpty()) {
			logger
				.warn(LogMessage.format(
						"Component file %s: the component is ignored, because its scopes are %s and this "
								+ "application has no id. Set the id with 'pluggable.application.id'",
						place(), scopes));
		}
		else {
			logger.debug(LogMessage.format("Component file %s: the component is ignored, because its scopes are %s",
					place(), scopes));
		}
		return false;
	}

	ComponentType type() {
		YamlMapping spec = require(this.document, "spec");
		try {
			return ComponentType.of(requireText(spec, "type"));
		}
		catch (IllegalArgumentException ex) {
			throw new ComponentFileException(spec.place("type"), "'spec.type' is not a type",
					"Write the kind, a dot and the implementation, such as 'state.redis'.");
		}
	}

	/**
	 * Return the declaration of the component.
	 */
	ComponentDeclaration declaration(ComponentSettings defaults, ComponentVariables variables) {
		YamlMapping spec = require(this.document, "spec");
		requireVersion(spec);
		Map<String, String> values = new LinkedHashMap<>();
		Map<String, SecretReference> secrets = new LinkedHashMap<>();
		for (YamlMapping entry : spec.mappings("metadata")) {
			String name = requireText(entry, "name");
			if (values.containsKey(name) || secrets.containsKey(name)) {
				throw new ComponentFileException(entry.place(), "the metadata '" + name + "' is given twice",
						"Remove one of them.");
			}
			SecretReference secret = secret(entry);
			if (secret != null) {
				secrets.put(name, secret);
			}
			else {
				values.put(name, value(entry, variables));
			}
			warnOfUnknown(entry, Set.of("name", "value", "secretKeyRef", "envRef"));
		}
		warnOfUnknown(spec, Set.of("type", "version", "metadata", "initTimeout", "ignoreErrors"));
		warnOfUnknown(this.document, Set.of("apiVersion", "kind", "metadata", "spec", "auth", "scopes", "status"));
		ComponentSettings settings = new ComponentSettings(defaults.callTimeout(),
				initTimeout(spec, defaults.initTimeout()), defaults.waitForReady(), defaults.outageGrace(),
				defaults.maxInboundMessageSize());
		return new ComponentDeclaration(name(), type(), !spec.flag("ignoreErrors"), values, settings, secrets,
				List.of(), "the component file " + place());
	}

	private static void requireVersion(YamlMapping spec) {
		String version = spec.text("version");
		if (!VERSIONS.contains(version.toLowerCase(Locale.ROOT))) {
			throw new ComponentFileException(spec.place("version"), "there is no version '" + version + "'",
					"Write 'version: v1', or remove the version. Components in other processes have no other "
							+ "version.");
		}
	}

	private static Duration initTimeout(YamlMapping spec, Duration defaultTimeout) {
		String text = spec.text("initTimeout");
		if (text.isEmpty()) {
			return defaultTimeout;
		}
		try {
			Duration timeout = GoDuration.parse(text);
			if (timeout.isZero()) {
				return defaultTimeout;
			}
			if (!timeout.isNegative() && timeout.compareTo(LONGEST_TIMEOUT) <= 0) {
				return timeout;
			}
		}
		catch (IllegalArgumentException ex) {
			// Reported below, together with values out of range.
		}
		throw new ComponentFileException(spec.place("initTimeout"),
				"'spec.initTimeout' is not a duration of up to one year",
				"Write numbers with units, such as '30s', '1m30s' or '500ms'.");
	}

	/**
	 * Return the secret that an entry refers to.
	 * @return the reference, {@code null} if the entry refers to no secret
	 */
	private @Nullable SecretReference secret(YamlMapping entry) {
		YamlMapping reference = entry.mapping("secretKeyRef");
		if (reference == null) {
			requireOne(entry, entry.text("envRef"), entry.value("value"));
			return null;
		}
		String secret = requireText(reference, "name");
		requireOne(entry, secret, entry.text("envRef"), entry.value("value"));
		YamlMapping auth = this.document.mapping("auth");
		String store = (auth != null) ? auth.text("secretStore") : "";
		if (store.isEmpty()) {
			throw new ComponentFileException(reference.place(),
					"the metadata refers to a secret, but 'auth.secretStore' names no secret store",
					"Write the line 'auth:' after 'spec', without indentation, and the line '  secretStore: <name>' "
							+ "below 'auth:', with the name of a component whose type begins with "
							+ "'secretstores.'. There is no default secret store, not even in Kubernetes.");
		}
		return SecretReference.of(store, secret, reference.text("key"));
	}

	private static void requireOne(YamlMapping entry, String... alternatives) {
		if (Arrays.stream(alternatives).filter((text) -> !text.isEmpty()).count() > 1) {
			throw new ComponentFileException(entry.place(), "the metadata '" + entry.text("name")
					+ "' has more than one of 'value', 'envRef' and 'secretKeyRef'", "Keep one of them.");
		}
	}

	private static String value(YamlMapping entry, ComponentVariables variables) {
		String variable = entry.text("envRef");
		Place place = entry.place(variable.isEmpty() ? "value" : "envRef");
		return variables.expand(variable.isEmpty() ? entry.value("value") : variables.variable(variable, place), place);
	}

	private static void warnOfUnknown(YamlMapping mapping, Set<String> known) {
		mapping.names()
			.stream()
			.filter((name) -> !known.contains(name))
			.forEach((name) -> logger.warn(LogMessage.format("Component file %s: the unknown field '%s' is ignored",
					mapping.place(name), mapping.path(name))));
	}

}
