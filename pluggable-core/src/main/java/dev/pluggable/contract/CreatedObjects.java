package dev.pluggable.contract;

import java.util.List;
import java.util.function.Supplier;

import dev.pluggable.ComponentUnavailableException;

/**
 * Several objects that one call creates, and its answer. If one of the objects is lost,
 * the call is made again, and all of its objects are created again. Safe for use by many
 * threads.
 *
 * @param <R> answer
 * @since 0.1.0
 */
public final class CreatedObjects<R> implements AutoCloseable {

	private final List<? extends ContractObject> objects;

	private final Supplier<R> reply;

	CreatedObjects(List<? extends ContractObject> objects, Supplier<R> reply) {
		this.objects = List.copyOf(objects);
		this.reply = reply;
	}

	/**
	 * Combine an answer and its objects, for an implementation of the application.
	 * @param <R> answer
	 * @param reply the answer; its ids do not count
	 * @param objects the objects in the order of their fields
	 * @return the result
	 */
	public static <R> CreatedObjects<R> of(R reply, ContractObject... objects) {
		return new CreatedObjects<>(List.of(objects), () -> reply);
	}

	/**
	 * The current answer. Waits like a call.
	 * @return the answer
	 * @throws ComponentUnavailableException if the objects are not there in time
	 */
	public R reply() {
		return this.reply.get();
	}

	/**
	 * One of the objects.
	 * @param <T> the interface of the object
	 * @param index place of the object, from 0
	 * @param type the interface of the object
	 * @return the object, always the same one
	 */
	public <T extends ContractObject> T object(int index, Class<T> type) {
		return type.cast(this.objects.get(index));
	}

	/**
	 * Close all objects.
	 */
	@Override
	public void close() {
		this.objects.forEach(ContractObject::close);
	}

}
