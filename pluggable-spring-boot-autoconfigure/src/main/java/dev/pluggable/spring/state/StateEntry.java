package dev.pluggable.spring.state;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A stored object with its etag. Immutable, apart from the object.
 *
 * @param <T> type of the object
 * @param key key of the object
 * @param value the object
 * @param etag version of the object, which the store chooses; {@code null} if the store
 * has no etags
 * @param expiresAt expiry time of the object; {@code null} if the object does not expire
 * or the time is not known
 * @since 0.1.0
 */
public record StateEntry<T>(String key, T value, @Nullable String etag, @Nullable Instant expiresAt) {

	/**
	 * Return a description without the value, because the value can be a secret.
	 * @return the description
	 */
	@Override
	public String toString() {
		return "StateEntry[key=" + this.key + ", value=" + this.value.getClass().getSimpleName() + ", etag=" + this.etag
				+ ", expiresAt=" + this.expiresAt + "]";
	}

}
