package dev.pluggable.stream;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.Draining;
import dev.pluggable.Registration;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.LogText;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bidirectional stream on which a component sends messages and gets an answer to each,
 * and which is opened anew whenever it has ended: on the next generation, or on the same
 * one after a while.
 * <p>
 * At most so many messages are handled at a time as the concurrency says, over all
 * generations together, and no further message is asked for meanwhile: what the component
 * has sent beyond that stays with the transport, whose flow control holds it back. An
 * answer goes only to the stream that its message came from. Safe for use by many
 * threads.
 * <p>
 * Internal: public for the kinds of this module, not for applications.
 *
 * @param <Q> what we send
 * @param <R> what the component sends
 * @since 0.1.0
 */
public final class ReopeningStream<Q, R> implements Draining {

	private static final Logger logger = LoggerFactory.getLogger(ReopeningStream.class);

	private static final Duration FIRST_RETRY = Duration.ofMillis(50);

	private static final Duration LAST_RETRY = Duration.ofSeconds(5);

	/**
	 * A stream that lasted this long was no flapping.
	 */
	private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

	/**
	 * How long the component may take to end the stream after we have.
	 */
	private static final long END_MILLIS = 1000;

	/**
	 * How long the end may take beyond the grace.
	 */
	private static final Duration END = Duration.ofSeconds(2);

	private static final int MAX_FAULT = 400;

	private final ComponentClient client;

	private final StreamProtocol<Q, R> protocol;

	private final String description;

	private final StreamThreads threads;

	/**
	 * All that is not volatile is touched in here only.
	 */
	private final SynchronizationContext serial;

	private final Backoff backoff = new Backoff(FIRST_RETRY, LAST_RETRY);

	private final List<Connection> connections = new ArrayList<>();

	private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();

	private int free;

	private @Nullable ComponentGeneration generation;

	private @Nullable Connection current;

	private @Nullable ScheduledFuture<?> retry;

	private @Nullable Registration registration;

	private boolean started;

	private boolean draining;

	private @Nullable String lastFault;

	private volatile Progress progress;

	private volatile long opened;

	private volatile long received;

	private volatile int inFlight;

	/**
	 * A stream that is not open yet.
	 * @param client the way to the component
	 * @param description what the stream is, to be put into a sentence, such as
	 * {@code subscription to topic 'orders'}
	 * @param concurrency how many messages are handled at the same time at most
	 * @param protocol what is said on the stream
	 */
	public ReopeningStream(ComponentClient client, String description, int concurrency, StreamProtocol<Q, R> protocol) {
		this.client = client;
		this.protocol = protocol;
		this.description = description;
		this.threads = new StreamThreads(client.executor());
		this.free = concurrency;
		this.progress = new Progress(StreamStatus.State.WAITING, "the component is not ready", 0);
		this.serial = new SynchronizationContext((thread, ex) -> logger.error("The {} failed", this, ex));
	}

	/**
	 * Create a runner for the handlers of this stream's messages. It calls a handler on
	 * the thread that received the message, as long as no other handler blocks it.
	 * @param timeout time that each handler has, positive
	 * @return a new runner
	 */
	public HandlerRunner handlerRunner(Duration timeout) {
		return new HandlerRunner(this.threads, this.client.scheduler(), timeout, this.threads::unblocked);
	}

	/**
	 * Open the stream as soon as the component is ready, and keep it open. Does not wait.
	 */
	public void start() {
		this.serial.execute(() -> {
			if (!this.started && !this.draining) {
				this.started = true;
				this.registration = this.client
					.onGeneration((generation) -> this.serial.execute(() -> ready(generation)));
			}
		});
	}

	/**
	 * What is known of the stream now.
	 * @return a snapshot
	 */
	public StreamStatus status() {
		Progress progress = this.progress;
		return new StreamStatus(progress.state(), progress.reason(), progress.generation(), progress.since(),
				Math.max(0, this.opened - 1), this.received, this.inFlight);
	}

	private void ready(ComponentGeneration generation) {
		ComponentGeneration known = this.generation;
		if (this.draining || (known != null && generation.number() <= known.number())) {
			return;
		}
		this.generation = generation;
		this.backoff.reset();
		if (this.current != null) {
			retire(this.current);
			this.current = null;
			progress(StreamStatus.State.WAITING, "another process has taken over");
		}
		open();
	}

	private void open() {
		cancelRetry();
		ComponentGeneration generation = this.generation;
		if (this.draining || this.current != null || generation == null || !generation.current()) {
			return;
		}
		Connection connection = new Connection(generation);
		this.connections.add(connection);
		this.current = connection;
		CompletionStage<?> prepared;
		try {
			prepared = this.protocol.prepare(generation.channel());
		}
		catch (RuntimeException ex) {
			prepared = CompletableFuture.failedFuture(ex);
		}
		prepared.whenComplete((value, failure) -> this.serial.execute(() -> connection.open(failure)));
	}

	/**
	 * Take no more from a stream whose place another has taken, and end it when what came
	 * from it is answered.
	 */
	private void retire(Connection connection) {
		connection.retired = true;
		this.free += connection.requested;
		connection.requested = 0;
		endIfIdle(connection);
	}

	private void endIfIdle(Connection connection) {
		if (connection.inFlight == 0 && (connection.retired || this.draining)) {
			connection.end();
		}
	}

	/**
	 * Ask for as many messages as can be handled now. As long as the component does not
	 * read our answers, it gets nothing more to answer.
	 */
	private void request() {
		Connection connection = this.current;
		if (connection != null && this.free > 0 && !this.draining && connection.ready()) {
			int count = this.free;
			this.free = 0;
			connection.request(count);
		}
	}

	private void closed(Connection connection, Status status) {
		connection.closed = true;
		this.connections.remove(connection);
		this.free += connection.requested;
		connection.requested = 0;
		if (this.current != connection) {
			checkDrained();
			return;
		}
		this.current = null;
		if (this.draining) {
			checkDrained();
			return;
		}
		if (connection.lastedNanos() > STABLE_NANOS) {
			this.backoff.reset();
			this.lastFault = null;
		}
		String fault = status.isOk() ? "the component has ended it" : fault(status);
		progress(StreamStatus.State.WAITING, fault);
		if (this.client.stopped()) {
			logger.debug("The {} has ended, as its component is stopped: {}", this, fault);
		}
		else if (!fault.equals(this.lastFault)) {
			this.lastFault = fault;
			logger.warn("The {} has ended: {}; it is opened again", this, fault);
		}
		if (connection.generation.current()) {
			retryLater();
		}
	}

	private String fault(Status status) {
		String said = status.getDescription();
		if (said == null) {
			return status.getCode().name();
		}
		return status.getCode() + " (" + LogText.oneLine(this.client.withoutSecrets(said), MAX_FAULT) + ")";
	}

	private void retryLater() {
		try {
			this.retry = this.client.scheduler()
				.schedule(() -> this.serial.execute(this::open), this.backoff.nextMillis(), TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			// The host has closed.
		}
	}

	private void cancelRetry() {
		if (this.retry != null) {
			this.retry.cancel(false);
			this.retry = null;
		}
	}

	private void progress(StreamStatus.State state, @Nullable String reason) {
		ComponentGeneration generation = this.generation;
		this.progress = new Progress(state, reason, (generation != null) ? generation.number() : 0);
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		this.serial.execute(() -> {
			if (this.draining) {
				return;
			}
			this.draining = true;
			cancelRetry();
			if (this.registration != null) {
				this.registration.close();
			}
			progress(StreamStatus.State.DRAINING, null);
			try {
				ScheduledFuture<?> end = this.client.scheduler()
					.schedule(() -> this.serial.execute(this::abandon), grace.toNanos(), TimeUnit.NANOSECONDS);
				this.closed.whenComplete((value, failure) -> end.cancel(false));
			}
			catch (RejectedExecutionException ex) {
				abandon();
			}
			List.copyOf(this.connections).forEach(this::endIfIdle);
			checkDrained();
		});
		return this.closed;
	}

	/**
	 * Wait until the stream, which is being drained, has ended.
	 * @param grace the grace it has
	 */
	public void awaitEnd(Duration grace) {
		try {
			this.closed.get(grace.plus(END).toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.warn("The {} did not end in order", this, ex);
		}
	}

	private void checkDrained() {
		if (this.draining && this.connections.isEmpty() && this.inFlight == 0) {
			progress(StreamStatus.State.CLOSED, null);
			this.closed.complete(null);
		}
	}

	/**
	 * The grace is over: what is still being handled gets no answer.
	 */
	private void abandon() {
		if (this.closed.isDone()) {
			return;
		}
		if (this.inFlight > 0) {
			logger.warn("The {} ends while {} of its messages are being handled; they get no answer", this,
					this.inFlight);
		}
		List.copyOf(this.connections).forEach(Connection::cancel);
		this.protocol.abandon();
		progress(StreamStatus.State.CLOSED, null);
		this.closed.complete(null);
	}

	@Override
	public String toString() {
		return this.description + " of " + this.client.kind() + " component '" + this.client.component() + "'";
	}

	private record Progress(StreamStatus.State state, @Nullable String reason, long generation, Instant since) {

		Progress(StreamStatus.State state, @Nullable String reason, long generation) {
			this(state, reason, generation, Instant.now());
		}

	}

	/**
	 * The stream on one generation.
	 */
	private final class Connection extends ClientCall.Listener<R> {

		private final ComponentGeneration generation;

		private final long openedAt = System.nanoTime();

		private @Nullable ClientCall<Q, R> call;

		private int requested;

		private int inFlight;

		private boolean retired;

		private boolean ended;

		private boolean closed;

		Connection(ComponentGeneration generation) {
			this.generation = generation;
		}

		void open(@Nullable Throwable failure) {
			if (failure != null || this.retired || ReopeningStream.this.draining) {
				Status reason = (failure != null) ? Status.fromThrowable(failure) : Status.CANCELLED;
				ReopeningStream.this.closed(this, reason);
				return;
			}
			CallOptions options = ReopeningStream.this.client.callOptions()
				.withExecutor(ReopeningStream.this.threads::callback);
			ClientCall<Q, R> call = this.generation.channel().newCall(ReopeningStream.this.protocol.method(), options);
			this.call = call;
			call.start(this, new Metadata());
			Q opening = ReopeningStream.this.protocol.opening();
			if (opening != null) {
				call.sendMessage(opening);
			}
			ReopeningStream.this.request();
		}

		boolean ready() {
			return this.call != null && !this.ended && this.call.isReady();
		}

		void request(int count) {
			ClientCall<Q, R> call = this.call;
			if (call != null) {
				this.requested += count;
				call.request(count);
			}
		}

		void send(Q message) {
			ClientCall<Q, R> call = this.call;
			if (call != null && !this.closed && !this.ended) {
				call.sendMessage(message);
			}
		}

		/**
		 * Say that no more answers come, and give the component a moment to agree.
		 */
		void end() {
			ClientCall<Q, R> call = this.call;
			if (call == null || this.ended || this.closed) {
				return;
			}
			this.ended = true;
			call.halfClose();
			try {
				ReopeningStream.this.client.scheduler()
					.schedule(() -> ReopeningStream.this.serial.execute(this::cancel), END_MILLIS,
							TimeUnit.MILLISECONDS);
			}
			catch (RejectedExecutionException ex) {
				cancel();
			}
		}

		void cancel() {
			ClientCall<Q, R> call = this.call;
			if (call != null && !this.closed) {
				this.ended = true;
				call.cancel("The stream is ended by the application", null);
			}
		}

		long lastedNanos() {
			return System.nanoTime() - this.openedAt;
		}

		@Override
		public void onReady() {
			ReopeningStream.this.serial.execute(() -> {
				if (ReopeningStream.this.current == this
						&& ReopeningStream.this.progress.state() != StreamStatus.State.ACTIVE
						&& !ReopeningStream.this.draining) {
					ReopeningStream.this.opened++;
					progress(StreamStatus.State.ACTIVE, null);
					if (ReopeningStream.this.lastFault == null || ReopeningStream.this.opened == 1) {
						logger.info("The {} is open (generation {})", ReopeningStream.this, this.generation.number());
					}
				}
				ReopeningStream.this.request();
			});
		}

		@Override
		public void onMessage(R message) {
			ReopeningStream.this.serial.execute(new Arrival(this, message));
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			ReopeningStream.this.serial.execute(() -> ReopeningStream.this.closed(this, status));
		}

	}

	/**
	 * A message, from its arrival on. The serial executor runs it once for each of its
	 * steps, which are at most three: handle the message, send the answer, and take back
	 * the slot. The last two are one step for a message whose handler is back.
	 */
	private final class Arrival extends Settlement<@Nullable Q> implements Runnable {

		private final Connection connection;

		private final R message;

		private Step next = Step.HANDLE;

		private @Nullable Q answer;

		private @Nullable Throwable failure;

		Arrival(Connection connection, R message) {
			this.connection = connection;
			this.message = message;
		}

		@Override
		protected void onSettled(@Nullable Q answer, @Nullable Throwable failure) {
			this.answer = answer;
			this.failure = failure;
			this.next = Step.ANSWER;
			ReopeningStream.this.serial.execute(this);
		}

		@Override
		protected void onFree() {
			ReopeningStream.this.serial.execute(this);
		}

		@Override
		protected void onSettledAndFree(@Nullable Q answer, @Nullable Throwable failure) {
			this.answer = answer;
			this.failure = failure;
			this.next = Step.ANSWER_AND_FREE;
			ReopeningStream.this.serial.execute(this);
		}

		@Override
		public void run() {
			switch (this.next) {
				case HANDLE -> handle();
				case ANSWER -> {
					this.next = Step.FREE;
					answer();
				}
				case ANSWER_AND_FREE -> {
					answer();
					free();
				}
				case FREE -> free();
			}
		}

		private void handle() {
			Connection connection = this.connection;
			if (connection.closed || connection.retired || ReopeningStream.this.draining) {
				// Without an answer, the component sends the message again.
				return;
			}
			connection.requested--;
			connection.inFlight++;
			ReopeningStream.this.inFlight++;
			ReopeningStream.this.received++;
			try {
				ReopeningStream.this.protocol.handle(this.message, this);
			}
			catch (RuntimeException ex) {
				fail(ex);
			}
		}

		private void answer() {
			Throwable failure = this.failure;
			Q answer = this.answer;
			if (failure != null) {
				logger.error("A message of the {} gets no answer", ReopeningStream.this, failure);
			}
			else if (answer != null) {
				this.connection.send(answer);
			}
			this.connection.inFlight--;
			endIfIdle(this.connection);
		}

		private void free() {
			ReopeningStream.this.inFlight--;
			ReopeningStream.this.free++;
			if (ReopeningStream.this.draining) {
				checkDrained();
			}
			else {
				request();
			}
		}

	}

	private enum Step {

		HANDLE, ANSWER, ANSWER_AND_FREE, FREE

	}

}
