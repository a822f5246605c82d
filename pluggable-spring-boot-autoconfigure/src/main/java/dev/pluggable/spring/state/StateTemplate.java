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
 * Reads and writes objects as JSON over any state store. Immutable, and safe for use by
 * many threads.
 *
 * @since 0.1.0
 */
public final class StateTemplate {

	/**
	 * Largest number of attempts of an update, unless the caller sets another.
	 */
	public static final int DEFAULT_ATTEMPTS = 10;

	private static final String JSON = "application/json";

	/**
	 * The longest pause between two attempts is 2 to the power of this, in milliseconds.
	 */
	private static final int MAX_BACKOFF_SHIFT = 6;

	private final StateStore store;

	private final JsonMapper mapper;

	private final int attempts;

	/**
	 * A template over a store.
	 * @param store the store
	 * @param mapper reads and writes JSON
	 */
	public StateTemplate(StateStore store, JsonMapper mapper) {
		this(store, mapper, DEFAULT_ATTEMPTS);
	}

	private StateTemplate(StateStore store, JsonMapper mapper, int attempts) {
		Assert.notNull(store, "'store' must not be null");
		Assert.notNull(mapper, "'mapper' must not be null");
		Assert.isTrue(attempts > 0, "'attempts' must be at least 1");
		this.store = store;
		this.mapper = mapper;
		this.attempts = attempts;
	}

	/**
	 * The same template with another number of attempts of an update.
	 * @param attempts how often an update is attempted at most
	 * @return a new template
	 */
	public StateTemplate withAttempts(int attempts) {
		return new StateTemplate(this.store, this.mapper, attempts);
	}

	/**
	 * The same template over another store.
	 * @param store the store
	 * @return a new template
	 */
	public StateTemplate over(StateStore store) {
		return new StateTemplate(store, this.mapper, this.attempts);
	}

	/**
	 * The store.
	 * @return the store that the template reads and writes
	 */
	public StateStore store() {
		return this.store;
	}

	/**
	 * Read an object.
	 * @param <T> what it is
	 * @param key the key, not empty
	 * @param type what it is
	 * @return the object, empty if there is no such key
	 * @throws StateConversionException if the value is no such object
	 */
	public <T> Optional<T> get(String key, Class<T> type) {
		return entry(key, type).map(StateEntry::value);
	}

	/**
	 * Read an object of a generic type.
	 * @param <T> what it is
	 * @param key the key, not empty
	 * @param type what it is
	 * @return the object, empty if there is no such key
	 * @throws StateConversionException if the value is no such object
	 */
	public <T> Optional<T> get(String key, ParameterizedTypeReference<T> type) {
		return entry(key, type).map(StateEntry::value);
	}

	/**
	 * Read an object with its etag.
	 * @param <T> what it is
	 * @param key the key, not empty
	 * @param type what it is
	 * @return the object, empty if there is no such key
	 * @throws StateConversionException if the value is no such object
	 */
	public <T> Optional<StateEntry<T>> entry(String key, Class<T> type) {
		return this.store.get(GetRequest.of(key)).map((item) -> read(item, javaType(type)));
	}

	/**
	 * Read an object of a generic type with its etag.
	 * @param <T> what it is
	 * @param key the key, not empty
	 * @param type what it is
	 * @return the object, empty if there is no such key
	 * @throws StateConversionException if the value is no such object
	 */
	public <T> Optional<StateEntry<T>> entry(String key, ParameterizedTypeReference<T> type) {
		return this.store.get(GetRequest.of(key)).map((item) -> read(item, javaType(type)));
	}

	/**
	 * Read several objects.
	 * @param <T> what they are
	 * @param keys the keys, none of them empty
	 * @param type what each is
	 * @return what was found, by its key, in the order of the keys
	 * @throws ComponentException if one could not be read
	 * @throws StateConversionException if a value is no such object
	 */
	public <T> Map<String, T> getAll(Collection<String> keys, Class<T> type) {
		return values(keys, javaType(type));
	}

	/**
	 * Read several objects of a generic type.
	 * @param <T> what they are
	 * @param keys the keys, none of them empty
	 * @param type what each is
	 * @return what was found, by its key, in the order of the keys
	 * @throws ComponentException if one could not be read
	 * @throws StateConversionException if a value is no such object
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
	 * @throws StateConversionException if it cannot be turned into JSON
	 */
	public void set(String key, Object value) {
		this.store.set(request(key, value));
	}

	/**
	 * Write an object that expires.
	 * @param key the key, not empty
	 * @param value the object
	 * @param ttl how long it lives, rounded up to whole seconds
	 * @throws StateConversionException if it cannot be turned into JSON
	 */
	public void set(String key, Object value, Duration ttl) {
		this.store.set(request(key, value).withTtl(ttl));
	}

	/**
	 * Write an object if nobody has changed it.
	 * @param key the key, not empty
	 * @param value the object
	 * @param etag the etag that was read; {@code null} to write it only if there is none
	 * @throws EtagMismatchException if somebody has changed it
	 * @throws StateConversionException if it cannot be turned into JSON
	 */
	public void set(String key, Object value, @Nullable String etag) {
		this.store.set(request(key, value).withEtag(etag).withConcurrency(Concurrency.FIRST_WRITE));
	}

	/**
	 * Write several objects. This is no transaction.
	 * @param values the objects by their keys
	 * @throws StateConversionException if one cannot be turned into JSON; then none was
	 * written
	 */
	public void setAll(Map<String, ?> values) {
		List<SetRequest> requests = new ArrayList<>(values.size());
		values.forEach((key, value) -> requests.add(request(key, value)));
		if (!requests.isEmpty()) {
			this.store.bulkSet(requests);
		}
	}

	/**
	 * Delete an object, if there is one.
	 * @param key the key, not empty
	 */
	public void delete(String key) {
		this.store.delete(DeleteRequest.of(key));
	}

	/**
	 * Delete an object if nobody has changed it.
	 * @param key the key, not empty
	 * @param etag the etag that was read
	 * @throws EtagMismatchException if somebody has changed it
	 */
	public void delete(String key, String etag) {
		this.store.delete(DeleteRequest.of(key).withEtag(etag).withConcurrency(Concurrency.FIRST_WRITE));
	}

	/**
	 * Change an object, however many do so at the same time: if somebody else has changed
	 * it since it was read, it is read and changed again, {@value #DEFAULT_ATTEMPTS}
	 * times at most unless {@link #withAttempts(int)} says something else.
	 * @param <T> what it is
	 * @param key the key, not empty
	 * @param type what it is
	 * @param change makes the new object of the one there is, which is {@code null} if
	 * there is none; returns {@code null} for none to be there. It may be called several
	 * times
	 * @return the new object, {@code null} if there is none now
	 * @throws EtagMismatchException if somebody else was faster at each attempt
	 * @throws UnsupportedOperationByComponentException if the store has no etags
	 * @throws StateConversionException if the value is no such object, or the new one
	 * cannot be turned into JSON
	 */
	public <T> @Nullable T update(String key, Class<T> type, UnaryOperator<@Nullable T> change) {
		return update(key, javaType(type), null, change);
	}

	/**
	 * Change an object that expires, however many do so at the same time.
	 * @param <T> what it is
	 * @param key the key, not empty
	 * @param type what it is
	 * @param ttl how long the new object lives, rounded up to whole seconds
	 * @param change makes the new object
	 * @return the new object, {@code null} if there is none now
	 * @see #update(String, Class, UnaryOperator)
	 */
	public <T> @Nullable T update(String key, Class<T> type, Duration ttl, UnaryOperator<@Nullable T> change) {
		return update(key, javaType(type), ttl, change);
	}

	/**
	 * Change an object of a generic type, however many do so at the same time.
	 * @param <T> what it is
	 * @param key the key, not empty
	 * @param type what it is
	 * @param change makes the new object
	 * @return the new object, {@code null} if there is none now
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
			throw new UnsupportedOperationByComponentException(
					"The state store gave no etag for key '" + key + "', so an update could undo another");
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
	 * Let others finish.
	 * @return whether to go on
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
			return SetRequest.of(key, this.mapper.writeValueAsBytes(value)).withContentType(JSON);
		}
		catch (JacksonException ex) {
			throw new StateConversionException("The value for key '" + key + "', a " + value.getClass().getName()
					+ ", cannot be turned into JSON: " + ex.getClass().getSimpleName());
		}
	}

	private <T> StateEntry<T> read(StateItem item, JavaType type) {
		T value;
		try {
			value = this.mapper.readValue(item.value(), type);
		}
		catch (JacksonException ex) {
			String place = JsonPlace.of(ex);
			throw new StateConversionException("The value of key '" + item.key() + "' cannot be read as "
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
