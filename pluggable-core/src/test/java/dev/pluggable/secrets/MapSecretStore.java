package dev.pluggable.secrets;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A secret store whose secrets and behaviour the test sets.
 */
public final class MapSecretStore implements SecretStore {

	/** Secrets by their names. */
	public final Map<String, Secret> secrets = new ConcurrentHashMap<>();

	/** Requests, in order. */
	public final List<GetSecretRequest> gets = new CopyOnWriteArrayList<>();

	/** Metadata of the bulk requests, in order. */
	public final List<Map<String, String>> bulkGets = new CopyOnWriteArrayList<>();

	/** The exception of get, {@code null} for none. */
	public volatile RuntimeException failure;

	/** Latch that get waits for. */
	public volatile CountDownLatch gate = new CountDownLatch(0);

	public MapSecretStore with(String name, Map<String, String> values) {
		this.secrets.put(name, new Secret(values));
		return this;
	}

	@Override
	public Secret get(GetSecretRequest request) {
		this.gets.add(request);
		try {
			this.gate.await(30, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		RuntimeException failure = this.failure;
		if (failure != null) {
			throw failure;
		}
		Secret secret = this.secrets.get(request.name());
		if (secret == null) {
			throw new SecretNotFoundException(request.name());
		}
		return secret;
	}

	@Override
	public Map<String, Secret> bulkGet(Map<String, String> metadata) {
		this.bulkGets.add(metadata);
		return Map.copyOf(this.secrets);
	}

	@Override
	public Set<String> features() {
		return Set.of(SecretFeatures.MULTIPLE_KEY_VALUES_PER_SECRET);
	}

}
