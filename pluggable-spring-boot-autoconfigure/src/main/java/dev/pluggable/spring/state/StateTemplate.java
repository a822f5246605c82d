package dev.pluggable.spring.state;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

import dev.pluggable.ComponentException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.spring.listener.JsonPlace;
import dev.pluggable.state.BulkGetResult;
import dev.pluggable.state.Concurrency;
import dev.pluggable.state.DeleteRequest;
import dev.pluggable.state.EtagMismatchException;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateItem;
import dev.pluggable.state.StateStore;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.core.ParameterizedTypeReference;
import org.springframework.util.Assert;

/**
 * Reads and writes objects as JSON in any state store. Immutable, and safe for use by
 * many threads.
 *
 * @since 0.1.0
 */
public final class StateTemplate {

	/**
	 * Default maximum number of attempts of an update.
	 */
	public static final int DEFAULT_ATTEMPTS = 10;

	/**
	 * Binary logarithm of the longest pause between two attempts in milliseconds.
	 */
	private static final int MAX_BACKOFF_SHIFT = 6;

	private final StateStore store;

	private final JsonMapper mapper;

	private final int attempts;

	private final @Nullable String contentType;

	/**
	 * Create a template, which sends no content type.
	 * @param store the store
	 * @param mapper reads and writes JSON
	 */
	public StateTemplate(StateStore store, JsonMapper mapper) {
		this(store, mapper, DEFAULT_ATTEMPTS, null);
	}

	private StateTemplate(StateStore store, JsonMapper mapper, int attempts, @Nullable String contentType) {
		Assert.notNull(store, "'store' must not be null");
		Assert.notNull(mapper, "'mapper' must not be null");
		Assert.isTrue(attempts > 0, "'attempts' must be at least 1");
		this.store = store;
		this.mapper = mapper;
		this.attempts = attempts;
		this.contentType = contentType;
	}

	/**
	 * Return a template with another maximum number of attempts of an update.
	 * @param attempts the maximum number of attempts, at least 1. The default is
	 * {@value #DEFAULT_ATTEMPTS}
	 * @return a new template
	 */
	public StateTemplate withAttempts(int attempts) {
		return new StateTemplate(this.store, this.mapper, attempts, this.contentType);
	}

	/**
	 * Return a template that sends a content type with each object. Some stores need the
	 * content type {@code application/json} for queries. Components with Dapr's SDK for
	 * Go parse values of this content type, which rounds long numbers and changes
	 * decimals.
	 * @param contentType the content type, such as {@code application/json}; {@code null}
	 * to send none, which is the default
	 * @return a new template
	 */
	public StateTemplate withContentType(@Nullable String contentType) {
		return new StateTemplate(this.store, this.mapper, this.attempts, contentType);
	}

	/**
	 * Return a template for another store.
	 * @param store the store
	 * @return a new template
	 */
	public StateTemplate over(StateStore store) {
		return new StateTemplate(store, this.mapper, this.attempts, this.contentType);
	}

	/**
	 * Return the store of the template.
	 * @return the store
	 */
	public StateStore store() {
		return this.store;
	}

	/**
	 * Read an object.
	 * @param <T> type of the object
	 * @param key the key, not empty
	 * @param type type of the object
	 * @return the object, empty if the key does not exist
	 * @throws StateConversionException if the value cannot be converted to the type
	 */
	public <T> Optional<T> get(String key, Class<T> type) {
		return entry(key, type).map(StateEntry::value);
	}

	/**
	 * Read an object of a generic type.
	 * @param <T> type of the object
	 * @param key the key, not empty
	 * @param type type of the object
	 * @return the object, empty if the key does not exist
	 * @throws StateConversionException if the value cannot be converted to the type
	 */
	public <T> Optional<T> get(String key, ParameterizedTypeReference<T> type) {
		return entry(key, type).map(StateEntry::value);
	}

	/**
	 * Read an object with its etag.
	 * @param <T> type of the object
	 * @param key the key, not empty
	 * @param type type of the object
	 * @return the object, empty if the key does not exist
	 * @throws StateConversionException if the value cannot be converted to the type
	 */
	public <T> Optional<StateEntry<T>> entry(String key, Class<T> type) {
		return this.store.get(GetRequest.of(key)).map((item) -> read(item, javaType(type)));
	}

	/**
	 * Read an object of a generic type with its etag.
	 * @param <T> type of the object
	 * @param key the key, not empty
	 * @param type type of the object
	 * @return the object, empty if the key does not exist
	 * @throws StateConversionException if the value cannot be converted to the type
	 */
	public <T> Optional<StateEntry<T>> entry(String key, ParameterizedTypeReference<T> type) {
		return this.store.get(GetRequest.of(key)).map((item) -> read(item, javaType(type)));
	}

	/**
	 * Read several objects.
	 * @param <T> type of the objects
	 * @param keys the keys, none of them empty
	 * @param type type of the objects
	 * @return the objects that exist by key, in the order of the keys
	 * @throws ComponentException if an object could not be read
	 * @throws StateConversionException if a value cannot be converted to the type
	 */
	public <T> Map<String, T> getAll(Collection<String> keys, Class<T> type) {
		return values(keys, javaType(type));
	}

	/**
	 * Read several objects of a generic type.
	 * @param <T> type of the objects
	 * @param keys the keys, none of them empty
	 * @param type type of the objects
	 * @return the objects that exist by key, in the order of the keys
	 * @throws ComponentException if an object could not be read
	 * @throws StateConversionException if a value cannot be converted to the type
	 */
	public <T> Map<String, T> getAll(Collection<String> keys, ParameterizedTypeReference<T> type) {
		return values(keys, javaType(type));
	}

	private <T> Map<String, T> values(Collection<String> keys, JavaType type) {
		Map<String, T> values = new LinkedHashMap<>();
		for (BulkGetResult result : this.store.bulkGet(keys)) {
			if (result.error() != null) {
				throw new ComponentException("Key '" + result.key() + "' could not be read: " + result.error(),
						(Throwable) null);
			}
			if (result.item() != null) {
				StateEntry<T> entry = read(result.item(), type);
				values.put(result.key(), entry.value());
			}
		}
		return values;
	}

	/**
	 * Write an object.
	 * @param key the key, not empty
	 * @param value the object
	 * @throws StateConversionException if the object cannot be converted to JSON
	 */
	public void set(String key, Object value) {
		this.store.set(request(key, value));
	}

	/**
	 * Write an object that expires.
	 * @param key the key, not empty
	 * @param value the object
	 * @param ttl time to live of the object, rounded up to whole seconds
	 * @throws StateConversionException if the object cannot be converted to JSON
	 */
	public void set(String key, Object value, Duration ttl) {
		this.store.set(request(key, value).withTtl(ttl));
	}

	/**
	 * Write an object if the object has not changed since it was read.
	 * @param key the key, not empty
	 * @param value the object
	 * @param etag the etag that was read; {@code null} to write the object only if the
	 * key does not exist
	 * @throws EtagMismatchException if the object has changed
	 * @throws StateConversionException if the object cannot be converted to JSON
	 */
	public void set(String key, Object value, @Nullable String etag) {
		this.store.set(request(key, value).withEtag(etag).withConcurrency(Concurrency.FIRST_WRITE));
	}

	/**
	 * Write several objects without a transaction.
	 * @param values the objects by key
	 * @throws StateConversionException if one object cannot be converted to JSON. In this
	 * case no object was written
	 */
	public void setAll(Map<String, ?> values) {
		List<SetRequest> requests = new ArrayList<>(values.size());
		values.forEach((key, value) -> requests.add(request(key, value)));
		if (!requests.isEmpty()) {
			this.store.bulkSet(requests);
		}
	}

	/**
	 * Delete an object. The deletion of an absent object is not an error.
	 * @param key the key, not empty
	 */
	public void delete(String key) {
		this.store.delete(DeleteRequest.of(key));
	}

	/**
	 * Delete an object if the object has not changed since it was read.
	 * @param key the key, not empty
	 * @param etag the etag that was read
	 * @throws EtagMismatchException if the object has changed
	 */
	public void delete(String key, String etag) {
		this.store.delete(DeleteRequest.of(key).withEtag(etag).withConcurrency(Concurrency.FIRST_WRITE));
	}

	/**
	 * Read, change and write an object with optimistic locking. If another writer changed
	 * the object between the read and the write, the template tries again, at most as
	 * often as {@link #withAttempts(int)} says.
	 * @param <T> type of the object
	 * @param key the key, not empty
	 * @param type type of the object
	 * @param change returns the new object for the stored object, which is {@code null}
	 * if the key does not exist. A result of {@code null} deletes the object. The
	 * template may call the function several times
	 * @return the new object, {@code null} if the object was deleted or does not exist
	 * @throws EtagMismatchException if another writer was faster at each attempt
	 * @throws UnsupportedOperationByComponentException if the store has no etags
	 * @throws StateConversionException if the value cannot be converted to the type, or
	 * the new object cannot be converted to JSON
	 */
	public <T> @Nullable T update(String key, Class<T> type, UnaryOperator<@Nullable T> change) {
		return update(key, javaType(type), null, change);
	}

	/**
	 * Read, change and write an object that expires, with optimistic locking.
	 * @param <T> type of the object
	 * @param key the key, not empty
	 * @param type type of the object
	 * @param ttl time to live of the new object, rounded up to whole seconds
	 * @param change returns the new object for the stored object
	 * @return the new object, {@code null} if the object was deleted or does not exist
	 * @see #update(String, Class, UnaryOperator)
	 */
	public <T> @Nullable T update(String key, Class<T> type, Duration ttl, UnaryOperator<@Nullable T> change) {
		return update(key, javaType(type), ttl, change);
	}

	/**
	 * Read, change and write an object of a generic type, with optimistic locking.
	 * @param <T> type of the object
	 * @param key the key, not empty
	 * @param type type of the object
	 * @param change returns the new object for the stored object
	 * @return the new object, {@code null} if the object was deleted or does not exist
	 * @see #update(String, Class, UnaryOperator)
	 */
	public <T> @Nullable T update(String key, ParameterizedTypeReference<T> type, UnaryOperator<@Nullable T> change) {
		return update(key, javaType(type), null, change);
	}

	private <T> @Nullable T update(String key, JavaType type, @Nullable Duration ttl,
			UnaryOperator<@Nullable T> change) {
		for (int attempt = 1;; attempt++) {
			try {
				return attempt(key, type, ttl, change);
			}
			catch (EtagMismatchException ex) {
				if (attempt >= this.attempts || !pause(attempt)) {
					throw ex;
				}
			}
		}
	}

	private <T> @Nullable T attempt(String key, JavaType type, @Nullable Duration ttl,
			UnaryOperator<@Nullable T> change) {
		StateItem item = this.store.get(GetRequest.of(key)).orElse(null);
		StateEntry<T> before = (item != null) ? read(item, type) : null;
		if (before != null && before.etag() == null) {
			throw new UnsupportedOperationByComponentException("The state store returned no etag for key '" + key
					+ "'. Without etags, an update could overwrite the update of another writer");
		}
		T after = change.apply((before != null) ? before.value() : null);
		String etag = (before != null) ? before.etag() : null;
		if (after != null) {
			this.store.set(request(key, after).withEtag(etag).withConcurrency(Concurrency.FIRST_WRITE).withTtl(ttl));
		}
		else if (etag != null) {
			delete(key, etag);
		}
		return after;
	}

	/**
	 * Pause before the next attempt.
	 * @return {@code false} if the thread was interrupted
	 */
	private static boolean pause(int attempt) {
		try {
			Thread.sleep(ThreadLocalRandom.current().nextLong(1, 1L << Math.min(attempt, MAX_BACKOFF_SHIFT)));
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private SetRequest request(String key, Object value) {
		Assert.notNull(value, "'value' must not be null");
		try {
			return SetRequest.of(key, this.mapper.writeValueAsBytes(value)).withContentType(this.contentType);
		}
		catch (JacksonException ex) {
			throw new StateConversionException("The value for key '" + key + "', a " + value.getClass().getName()
					+ ", cannot be converted to JSON: " + ex.getClass().getSimpleName());
		}
	}

	private <T> StateEntry<T> read(StateItem item, JavaType type) {
		T value;
		try {
			value = this.mapper.readValue(item.value(), type);
		}
		catch (JacksonException ex) {
			String place = JsonPlace.of(ex);
			throw new StateConversionException("The value of key '" + item.key() + "' cannot be converted to "
					+ type.toCanonical() + ": " + ex.getClass().getSimpleName() + ((place != null) ? place : ""));
		}
		if (value == null) {
			throw new StateConversionException("The value of key '" + item.key() + "' is null");
		}
		return new StateEntry<>(item.key(), value, item.etag(), item.expiresAt().orElse(null));
	}

	private JavaType javaType(Class<?> type) {
		return this.mapper.constructType(type);
	}

	private JavaType javaType(ParameterizedTypeReference<?> type) {
		return this.mapper.constructType(type.getType());
	}

}
