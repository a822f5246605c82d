package dev.pluggable.internal.endpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

import dev.pluggable.internal.support.HostThread;
import io.grpc.ManagedChannel;
import org.jspecify.annotations.Nullable;

/**
 * Owns the open connections of an endpoint besides its attempt and its current
 * generation. A retired generation serves components until the next generation serves
 * them. A draining generation only finishes its calls. Belongs to the host's thread.
 */
final class Generations {

	private final HostThread thread;

	private final Duration drainTimeout;

	/**
	 * All generations whose connection may be open.
	 */
	private final List<Generation> open = new ArrayList<>();

	private final List<Generation> retired = new ArrayList<>();

	Generations(HostThread thread, Duration drainTimeout) {
		this.thread = thread;
		this.drainTimeout = drainTimeout;
	}

	/**
	 * Take over a generation whose connection was opened.
	 */
	void opened(Generation generation) {
		this.open.removeIf(Generation::ended);
		this.open.add(generation);
	}

	/**
	 * Tell whether a connection to a process is open, even if it only finishes its calls.
	 */
	boolean isConnectedTo(EndpointTarget target) {
		this.open.removeIf(Generation::ended);
		return this.open.stream().anyMatch((generation) -> generation.isOf(target));
	}

	/**
	 * Keep a generation for the components on it. Another generation is current now.
	 */
	void retire(Generation generation) {
		this.retired.add(generation);
	}

	/**
	 * Return the retired generations.
	 * @return a copy
	 */
	List<Generation> retired() {
		return List.copyOf(this.retired);
	}

	/**
	 * Tell whether a generation is kept for the components on it.
	 */
	boolean isRetired(Generation generation) {
		return this.retired.contains(generation);
	}

	/**
	 * Find a retired generation that still serves a process.
	 */
	@Nullable Generation retiredOf(EndpointTarget target) {
		return this.retired.stream()
			.filter((generation) -> generation.isOf(target) && !generation.lost())
			.findFirst()
			.orElse(null);
	}

	/**
	 * Remove a generation from the retired ones.
	 * @return whether the generation was one of them
	 */
	boolean unretire(Generation generation) {
		return this.retired.remove(generation);
	}

	/**
	 * Drain the retired generations that serve no component any more.
	 */
	void drainUnused(Predicate<Generation> used) {
		for (Generation generation : retired()) {
			if (!used.test(generation)) {
				this.retired.remove(generation);
				drain(generation);
			}
		}
	}

	/**
	 * Let the calls on a generation end within the drain timeout, and close its
	 * connection. Calls without a deadline end early.
	 */
	void drain(Generation generation) {
		generation.drain(this.thread);
		this.thread.schedule("ending a drained connection", this.drainTimeout, generation::closeNow);
	}

	/**
	 * Let the calls on all generations end.
	 * @return the channels that end
	 */
	List<ManagedChannel> close() {
		this.open.removeIf(Generation::ended);
		List<ManagedChannel> channels = new ArrayList<>();
		for (Generation generation : this.open) {
			generation.cancelInternalCalls();
			channels.add(generation.drain(this.thread));
		}
		this.open.clear();
		this.retired.clear();
		return channels;
	}

}
