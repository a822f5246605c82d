package dev.pluggable.internal.endpoint;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.pluggable.internal.support.SecretMask;

/**
 * The secrets that the process behind an endpoint knows: those of all components of the
 * endpoint, and those of its environment. Safe for use by many threads.
 */
public final class EndpointSecrets {

	private final Map<Object, SecretMask> masks = new ConcurrentHashMap<>();

	private final SecretMask live = SecretMask.live(this::mask);

	private volatile SecretMask all = SecretMask.NONE;

	/**
	 * Set the secrets of one owner.
	 * @param owner the component, or another source of secrets
	 * @param mask its secrets
	 */
	public synchronized void put(Object owner, SecretMask mask) {
		this.masks.put(owner, mask);
		this.all = SecretMask.of(this.masks.values());
	}

	/**
	 * The mask for all texts of the process.
	 * @return the mask at this time
	 */
	public SecretMask mask() {
		return this.all;
	}

	/**
	 * The mask for all texts of the process.
	 * @return a mask that knows the secrets at each time
	 */
	public SecretMask live() {
		return this.live;
	}

}
