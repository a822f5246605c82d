package dev.pluggable.internal.host;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;

import dev.pluggable.internal.endpoint.Endpoint;
import dev.pluggable.internal.endpoint.EndpointClaims;
import dev.pluggable.internal.endpoint.EndpointTarget;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of a host by their names, and the source that has claimed each of them.
 * Changes belong to the host's thread, or to the thread that creates the host. Any thread
 * may read.
 */
public final class HostEndpoints {

	private static final Logger logger = LoggerFactory.getLogger(HostEndpoints.class);

	private final Function<String, Endpoint> factory;

	private final Map<String, Entry> entries = new ConcurrentHashMap<>();

	/**
	 * No endpoints.
	 * @param factory makes an endpoint by its name
	 */
	public HostEndpoints(Function<String, Endpoint> factory) {
		this.factory = factory;
	}

	/**
	 * Get an endpoint, whether a source has claimed it or not.
	 * @param name name of the endpoint
	 * @return the endpoint, which is created if it does not exist
	 */
	public Endpoint get(String name) {
		return entry(name).endpoint;
	}

	private Entry entry(String name) {
		return this.entries.computeIfAbsent(key(name), (key) -> new Entry(this.factory.apply(name)));
	}

	private static String key(String name) {
		return name.toLowerCase(Locale.ROOT);
	}

	/**
	 * Open the endpoints to a source.
	 * @param noun what the source calls one of its endpoints, for messages: such as
	 * {@code socket}
	 * @return the claims of the source
	 */
	public EndpointClaims claims(String noun) {
		return new Claims(noun);
	}

	/**
	 * All endpoints.
	 * @return a snapshot
	 */
	public List<Endpoint> all() {
		return this.entries.values().stream().map((entry) -> entry.endpoint).toList();
	}

	/**
	 * Whether a condition holds for all endpoints. The check ends with the first endpoint
	 * for which it does not, so that a host with thousands can check after each change.
	 */
	boolean allMatch(Predicate<Endpoint> condition) {
		for (Entry entry : this.entries.values()) {
			if (!condition.test(entry.endpoint)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * The endpoints that no source claims: their processes have gone or never were there.
	 * @return a snapshot
	 */
	Collection<Endpoint> unclaimed() {
		return this.entries.values()
			.stream()
			.filter((entry) -> entry.owner == null)
			.map((entry) -> entry.endpoint)
			.toList();
	}

	/**
	 * Forget an endpoint.
	 */
	void remove(Endpoint endpoint) {
		this.entries.remove(key(endpoint.name()));
	}

	/**
	 * Take over why kinds on an endpoint are not published.
	 * @return the reasons of before
	 */
	Map<String, String> conflicts(Endpoint endpoint, Map<String, String> reasons) {
		Entry entry = entry(endpoint.name());
		Map<String, String> before = entry.conflicts;
		entry.conflicts = Map.copyOf(reasons);
		return before;
	}

	/**
	 * Reasons why kinds on an endpoint are not published.
	 * @param name name of the endpoint
	 * @return reasons by kind; empty if all kinds are published, or there is no such
	 * endpoint
	 */
	public Map<String, String> conflicts(String name) {
		Entry entry = this.entries.get(key(name));
		return (entry != null) ? entry.conflicts : Map.of();
	}

	/**
	 * An endpoint and what the host knows about it.
	 */
	private static final class Entry {

		private final Endpoint endpoint;

		private volatile @Nullable Claims owner;

		private volatile Map<String, String> conflicts = Map.of();

		Entry(Endpoint endpoint) {
			this.endpoint = endpoint;
		}

	}

	/**
	 * The claims of one source.
	 */
	private final class Claims implements EndpointClaims {

		private final String noun;

		/**
		 * Names that another source had claimed first. Each is logged once.
		 */
		private final Set<String> refused = new HashSet<>();

		Claims(String noun) {
			this.noun = noun;
		}

		@Override
		public @Nullable Endpoint claim(String name) {
			return claim(name, name);
		}

		private @Nullable Endpoint claim(String name, String description) {
			Entry entry = entry(name);
			Claims owner = entry.owner;
			if (owner == null) {
				entry.owner = this;
			}
			else if (owner != this) {
				if (this.refused.add(key(name))) {
					logger.warn("The {} {} is not used, because the {} '{}' has its name", this.noun, description,
							owner.noun, entry.endpoint.name());
				}
				return null;
			}
			return entry.endpoint;
		}

		@Override
		public void offer(String name, EndpointTarget target) {
			Endpoint endpoint = claim(name, target.toString());
			if (endpoint != null) {
				try {
					endpoint.update(target);
				}
				catch (RuntimeException | Error ex) {
					// A failure of one endpoint must not harm the others.
					logger.error("Connecting endpoint '{}' to {} failed", name, target, ex);
				}
			}
		}

		@Override
		public void withdraw(String name) {
			this.refused.remove(key(name));
			Entry entry = HostEndpoints.this.entries.get(key(name));
			if (entry != null && entry.owner == this) {
				entry.owner = null;
			}
		}

	}

}
