package dev.pluggable.host;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
import dev.pluggable.internal.endpoint.RemoteComponent;
import dev.pluggable.secrets.GetSecretRequest;
import dev.pluggable.secrets.Secret;
import dev.pluggable.secrets.SecretStore;
import dev.pluggable.secrets.SecretStoreKind;
import org.jspecify.annotations.Nullable;

/**
 * The part of the metadata of a declared component that comes from secret stores. No
 * other class of the host uses a kind.
 */
final class SecretReferences implements MetadataSecrets {

	private static final SecretStoreKind STORES = SecretStoreKind.INSTANCE;

	/**
	 * The first part of the type of each secret store.
	 */
	static final String TYPE_PREFIX = STORES.typePrefix();

	private final Map<String, SecretReference> references;

	private final ComponentRegistry registry;

	private final Executor executor;

	private @Nullable CompletableFuture<Map<String, String>> reading;

	/**
	 * The references of a component.
	 * @param references references by the keys of the metadata
	 * @param registry contains the stores
	 * @param executor reads secrets, which may block
	 */
	SecretReferences(Map<String, SecretReference> references, ComponentRegistry registry, Executor executor) {
		this.references = references;
		this.registry = registry;
		this.executor = executor;
	}

	/**
	 * Names of the stores that a component needs, in alphabetical order.
	 */
	static Set<String> storesOf(ComponentDeclaration declaration) {
		Set<String> stores = new TreeSet<>();
		declaration.secrets().values().forEach((reference) -> stores.add(reference.store()));
		return stores;
	}

	/**
	 * Whether a component is a secret store that is ready.
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

	@Override
	public boolean isComing() {
		return this.references.values()
			.stream()
			.map((reference) -> this.registry.find(STORES, reference.store()).orElse(null))
			.allMatch((store) -> store != null
					&& (isReadyStore(store) || (store instanceof RemoteComponent<?> component && component.awaited())));
	}

	/**
	 * {@inheritDoc} A read in progress is joined, so that a store that hangs holds one
	 * thread of each component and no more.
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
	 * @throws PluggableException if a secret cannot be read
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
			.orElseThrow(
					() -> failure(key.store(), key.name(), "cannot be read, because the store does not exist", null));
		try {
			return store.get(GetSecretRequest.of(key.name()));
		}
		catch (PluggableException ex) {
			throw failure(key.store(), key.name(), "cannot be read: " + ex.getMessage(), ex);
		}
		catch (RuntimeException ex) {
			// The message of such an exception may contain a secret.
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
