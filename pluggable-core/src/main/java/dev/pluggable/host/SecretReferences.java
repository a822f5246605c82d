package dev.pluggable.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

import dev.pluggable.Component;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentRegistry;
import dev.pluggable.ComponentState;
import dev.pluggable.PluggableException;
import dev.pluggable.internal.endpoint.MetadataSecrets;
import dev.pluggable.secrets.GetSecretRequest;
import dev.pluggable.secrets.Secret;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.secrets.SecretStoreKind;
import org.jspecify.annotations.Nullable;

/**
 * The secrets that a declared component gets from other components. The one place in
 * which the host uses a kind for itself.
 */
final class SecretReferences implements MetadataSecrets {

	private static final SecretStoreKind STORES = SecretStoreKind.INSTANCE;

	private final Map<String, SecretReference> references;

	private final ComponentRegistry registry;

	private final Executor executor;

	private @Nullable CompletableFuture<Map<String, String>> reading;

	/**
	 * The references of a component.
	 * @param references references by the keys of the metadata
	 * @param registry knows the stores
	 * @param executor reads them, since that may block
	 */
	SecretReferences(Map<String, SecretReference> references, ComponentRegistry registry, Executor executor) {
		this.references = references;
		this.registry = registry;
		this.executor = executor;
	}

	/**
	 * Put components in an order in which each comes after the secret stores it needs.
	 * @throws InvalidDeclarationException if a store is not declared or is none, or if
	 * there is no such order
	 */
	static List<ComponentDeclaration> inOrder(List<ComponentDeclaration> declarations) {
		Map<String, ComponentDeclaration> byName = new LinkedHashMap<>();
		declarations.forEach((declaration) -> byName.put(declaration.name(), declaration));
		declarations.forEach((declaration) -> validate(declaration, byName));
		Set<ComponentDeclaration> ordered = new LinkedHashSet<>();
		// By name, so that a mistake is explained in the same words each time.
		new TreeMap<>(byName).values().forEach((declaration) -> visit(declaration, byName, new ArrayList<>(), ordered));
		return List.copyOf(ordered);
	}

	private static void validate(ComponentDeclaration declaration, Map<String, ComponentDeclaration> byName) {
		declaration.secrets().forEach((key, reference) -> {
			String secret = "metadata '" + key + "' comes from the secret store '" + reference.store() + "'";
			if (declaration.metadata().containsKey(key)) {
				throw new InvalidDeclarationException(declaration, secret + ", but is set to a value as well",
						"Remove one of the two.");
			}
			ComponentDeclaration store = byName.get(reference.store());
			if (store == null) {
				throw new InvalidDeclarationException(declaration, secret + ", which is not declared",
						"Declare the store, with a type that begins with '" + STORES.typePrefix()
								+ ".', or use one of those that are declared: " + stores(byName) + ".");
			}
			if (!isStore(store)) {
				throw new InvalidDeclarationException(declaration,
						secret + ", which is no secret store (type '" + store.type() + "')",
						"Use one of the secret stores that are declared: " + stores(byName) + ".");
			}
		});
	}

	private static boolean isStore(ComponentDeclaration declaration) {
		return declaration.type().kind().equals(STORES.typePrefix());
	}

	private static Set<String> stores(Map<String, ComponentDeclaration> byName) {
		Set<String> names = new TreeSet<>();
		byName.values().stream().filter(SecretReferences::isStore).forEach((store) -> names.add(store.name()));
		return names;
	}

	private static void visit(ComponentDeclaration declaration, Map<String, ComponentDeclaration> byName,
			List<String> path, Set<ComponentDeclaration> ordered) {
		if (ordered.contains(declaration)) {
			return;
		}
		int known = path.indexOf(declaration.name());
		path.add(declaration.name());
		if (known >= 0) {
			throw new InvalidDeclarationException(declaration,
					"secret stores wait for secrets of each other: "
							+ String.join(" -> ", path.subList(known, path.size())),
					"Take the secrets of one of them from a store that waits for none of the others, such as one in "
							+ "the environment or in a file.");
		}
		for (String store : storesOf(declaration)) {
			ComponentDeclaration needed = byName.get(store);
			if (needed != null) {
				visit(needed, byName, path, ordered);
			}
		}
		path.remove(path.size() - 1);
		ordered.add(declaration);
	}

	/**
	 * Names of the stores that a component needs, ordered.
	 */
	static Set<String> storesOf(ComponentDeclaration declaration) {
		Set<String> stores = new TreeSet<>();
		declaration.secrets().values().forEach((reference) -> stores.add(reference.store()));
		return stores;
	}

	/**
	 * Whether a component is a secret store that can be read from.
	 */
	static boolean isReadyStore(Component<?> component) {
		return component.kind().name().equals(STORES.name()) && component.status().state() == ComponentState.READY;
	}

	@Override
	public @Nullable String waitsFor() {
		return this.references.values()
			.stream()
			.map(SecretReference::store)
			.distinct()
			.sorted()
			.filter((store) -> this.registry.find(STORES, store).filter(SecretReferences::isReadyStore).isEmpty())
			.findFirst()
			.map((store) -> "waits for secret store '" + store + "'")
			.orElse(null);
	}

	/**
	 * {@inheritDoc} What is being read already is not read a second time, so that a store
	 * that hangs holds one thread of each component, and no more.
	 */
	@Override
	public CompletionStage<Map<String, String>> read() {
		CompletableFuture<Map<String, String>> reading = this.reading;
		if (reading == null || reading.isDone()) {
			try {
				reading = CompletableFuture.supplyAsync(this::readNow, this.executor);
			}
			catch (RejectedExecutionException ex) {
				reading = CompletableFuture.failedFuture(ex);
			}
			this.reading = reading;
		}
		return reading;
	}

	/**
	 * Read the secrets on this thread.
	 * @throws PluggableException if one cannot be read
	 */
	Map<String, String> readNow() {
		Map<GetKey, Secret> secrets = new HashMap<>();
		Map<String, String> values = new HashMap<>();
		this.references.forEach((key, reference) -> {
			Secret secret = secrets.computeIfAbsent(new GetKey(reference.store(), reference.name()), this::get);
			Optional<String> value = secret.value(reference.key());
			values.put(key, value.orElseThrow(() -> failure(reference.store(), reference.name(),
					"has no key '" + reference.key() + "', but " + new TreeSet<>(secret.values().keySet()), null)));
		});
		return values;
	}

	private Secret get(GetKey key) {
		SecretStore store = this.registry.find(STORES, key.store())
			.map(Component::instance)
			.orElseThrow(() -> failure(key.store(), key.name(), "cannot be read, the store is not there", null));
		try {
			return store.get(GetSecretRequest.of(key.name()));
		}
		catch (PluggableException ex) {
			throw failure(key.store(), key.name(), "cannot be read: " + ex.getMessage(), ex);
		}
		catch (RuntimeException ex) {
			// Nobody knows what such an exception says.
			throw failure(key.store(), key.name(), "cannot be read: " + ex.getClass().getName(), null);
		}
	}

	private static ComponentException failure(String store, String name, String reason, @Nullable Throwable cause) {
		return new ComponentException("secret '" + name + "' of secret store '" + store + "' " + reason, cause);
	}

	/**
	 * A secret of a store.
	 */
	private record GetKey(String store, String name) {
	}

}
