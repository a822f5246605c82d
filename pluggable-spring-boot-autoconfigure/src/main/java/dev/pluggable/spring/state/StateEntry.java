package dev.pluggable.spring.state;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * An object that is stored.
 *
 * @param <T> what it is
 * @param key its key
 * @param value the object
 * @param etag version of the value, chosen by the store; {@code null} if it has none
 * @param expiresAt when the value expires; {@code null} if it does not, or that is not
 * known
 * @since 0.1.0
 */
public record StateEntry<T>(String key, T value, @Nullable String etag, @Nullable Instant expiresAt) {

	/**
	 * The entry without its value, which can be a secret.
	 * @return the text
	 */
	@Override
	public String toString() {
		return "StateEntry[key=" + this.key + ", value=" + this.value.getClass().getSimpleName() + ", etag=" + this.etag
				+ ", expiresAt=" + this.expiresAt + "]";
	}

}
