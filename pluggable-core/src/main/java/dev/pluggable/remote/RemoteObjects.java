package dev.pluggable.remote;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToIntFunction;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.internal.support.HostThread;
import dev.pluggable.plugin.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Several objects in a plugin that one call of the application has created. Each object
 * has a connection of its own. If one of them is lost, the call is made again, and all
 * objects are created again. Safe for use by many threads.
 *
 * @param <R> answer of the call
 * @since 0.1.0
 */
public final class RemoteObjects<R> {

	private final Creator<R> creator;

	private final List<ToIntFunction<? super R>> ids;

	private final List<String> names;

	private final List<RemoteObject> objects = new ArrayList<>();

	/**
	 * Guards the round. A thread holds the lock while it makes the call, since the other
	 * objects need the answer.
	 */
	private final ReentrantLock lock = new ReentrantLock();

	private volatile @Nullable Round<R> round;

	private RemoteObjects(List<String> names, Creator<R> creator, List<ToIntFunction<? super R>> ids) {
		this.names = List.copyOf(names);
		this.creator = creator;
		this.ids = List.copyOf(ids);
	}

	/**
	 * Create objects in the background, and again whenever one of them is lost. Does not
	 * block.
	 * @param <R> answer of the call
	 * @param parent the client that creates the objects: a component of a launched
	 * plugin, or a remote object
	 * @param names names of the objects, for messages
	 * @param creator makes the call that creates the objects
	 * @param ids take the id of each object from the answer, in the order of the names
	 * @return the objects; the caller closes each of them
	 */
	public static <R> RemoteObjects<R> create(ComponentClient parent, List<String> names, Creator<R> creator,
			List<ToIntFunction<? super R>> ids) {
		if (names.isEmpty() || names.size() != ids.size()) {
			throw new IllegalArgumentException("There must be as many ids as names, and at least one");
		}
		RemoteObjects<R> objects = new RemoteObjects<>(names, creator, ids);
		for (int i = 0; i < names.size(); i++) {
			int index = i;
			objects.objects.add(new RemoteObject(parent, names.get(i),
					(creation) -> objects.create(index, (CreationAttempt) creation),
					HostThread.of(parent.scheduler())));
		}
		objects.objects.forEach(RemoteObject::start);
		return objects;
	}

	/**
	 * The objects in the order of their names.
	 * @return the objects, always the same ones
	 */
	public List<RemoteObject> objects() {
		return List.copyOf(this.objects);
	}

	/**
	 * The answer of the latest call. Waits like a call of the first object.
	 * @return the answer
	 * @throws ComponentUnavailableException if the objects are not there in time
	 */
	public R answer() {
		try {
			this.objects.get(0).currentGeneration().toCompletableFuture().join();
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof RuntimeException cause) ? cause : ex;
		}
		Round<R> round = this.round;
		if (round == null) {
			throw new IllegalStateException("There is an object, but no answer");
		}
		return round.answer;
	}

	/**
	 * Return the id of an object. The first object that needs another id makes the call,
	 * and the other objects then take their ids from the same answer.
	 */
	private int create(int index, CreationAttempt attempt) throws Exception {
		this.lock.lockInterruptibly();
		try {
			Round<R> round = this.round;
			if (round == null || !round.take(index, attempt)) {
				R answer = this.creator.create(attempt);
				round = new Round<>(answer, this.ids.stream().mapToInt((id) -> id.applyAsInt(answer)).toArray(),
						attempt);
				round.taken[index] = true;
				this.round = round;
				createOthers(index, round);
			}
			int id = round.ids[index];
			if (id == 0) {
				throw new PluginException("The answer holds no object '" + this.names.get(index) + "': its id is 0");
			}
			return id;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void createOthers(int index, Round<R> round) {
		for (int i = 0; i < this.objects.size(); i++) {
			if (i != index) {
				int other = i;
				this.objects.get(i).createAgain(() -> this.round == round && !round.taken[other]);
			}
		}
	}

	/**
	 * Makes the call that creates the objects.
	 *
	 * @param <R> answer
	 */
	@FunctionalInterface
	public interface Creator<R> {

		/**
		 * Create the objects, under the conditions of
		 * {@link RemoteObject.Creator#create}.
		 * @param creation serves connections for the objects, which close with the last
		 * of the objects
		 * @return the answer with the ids
		 * @throws Exception if the objects cannot be created; another attempt follows
		 */
		R create(RemoteObject.Creation creation) throws Exception;

	}

	/**
	 * One answer. Each id can be dialled once.
	 *
	 * @param <R> answer
	 */
	private static final class Round<R> {

		private final R answer;

		private final int[] ids;

		private final long parent;

		private final ServedConnections served;

		private final boolean[] taken;

		Round(R answer, int[] ids, CreationAttempt attempt) {
			this.answer = answer;
			this.ids = ids;
			this.parent = attempt.parent().number();
			this.served = attempt.served();
			this.taken = new boolean[ids.length];
		}

		/**
		 * Let an attempt use this answer.
		 * @return {@code false} if the attempt needs another answer
		 */
		boolean take(int index, CreationAttempt attempt) {
			if (attempt.parent().number() != this.parent) {
				return false;
			}
			if (this.ids[index] == 0) {
				return true;
			}
			if (this.taken[index] || !this.served.share()) {
				return false;
			}
			this.taken[index] = true;
			attempt.served(this.served);
			return true;
		}

	}

}
