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
import dev.pluggable.internal.support.EndlessCalls;
import dev.pluggable.internal.support.FailureCause;
import dev.pluggable.internal.support.LimitedLog;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.MessageLimit;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bidirectional stream on which a component sends messages and receives an answer to
 * each of them. The stream outlives its connections: whenever it has ended, it is opened
 * again, on the next generation at once and on the same generation after a delay of 50
 * milliseconds to 5 seconds.
 * <p>
 * The concurrency limits the number of messages that are handled at the same time, over
 * all generations together. The stream requests no further message from the component
 * while that many are being handled: the flow control of gRPC holds the others back. An
 * answer is sent on the stream that its message came from, and nowhere else. A message
 * without an answer is the component's again when the stream ends.
 * <p>
 * An author of a kind describes the contents of the stream with a {@link StreamProtocol}:
 * <pre>{@code
 * final class Alarms implements StreamProtocol<Ack, Alarm> {
 *
 *     private final ReopeningStream<Ack, Alarm> stream;
 *
 *     private final HandlerRunner runner;
 *
 *     private final Consumer<Alarm> handler;
 *
 *     Alarms(ComponentClient client, Consumer<Alarm> handler) {
 *         this.stream = new ReopeningStream<>(client, "stream of alarms", 10, this);
 *         this.runner = this.stream.handlerRunner(Duration.ofSeconds(30));
 *         this.handler = handler;
 *         this.stream.start();
 *     }
 *
 *     public void handle(Alarm alarm, Settlement<Ack> settlement) {
 *         this.runner.run(settlement, () -> {
 *             this.handler.accept(alarm);
 *             return CompletableFuture.completedFuture(Ack.of(alarm));
 *         });
 *     }
 *
 *     public void abandon() {
 *         this.runner.stopAll();
 *     }
 *
 *     // method() and opening()
 *
 * }
 * }</pre>
 * <p>
 * Safe for use by many threads.
 *
 * @param <Q> the messages that we send
 * @param <R> the messages that the component sends
 * @since 0.1.0
 */
public final class ReopeningStream<Q, R> implements Draining {

	private static final Logger logger = LoggerFactory.getLogger(ReopeningStream.class);

	private static final Duration FIRST_RETRY = Duration.ofMillis(50);

	private static final Duration LAST_RETRY = Duration.ofSeconds(5);

	/**
	 * After a connection of this age, the delays start again with the first one.
	 */
	private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

	/**
	 * The time that the component has to end the stream after we have ended it.
	 */
	private static final long END_MILLIS = 1000;

	/**
	 * The time that {@link #awaitEnd} waits beyond the grace.
	 */
	private static final Duration END = Duration.ofSeconds(2);

	private static final int MAX_FAULT = 400;

	private final ComponentClient client;

	private final StreamProtocol<Q, R> protocol;

	private final String description;

	private final StreamThreads threads;

	private final LimitedLog refusals = new LimitedLog("messages that were too large", 1, Duration.ofMinutes(1));

	/**
	 * Runs everything that uses the fields below which are not volatile.
	 */
	private final SynchronizationContext serial;

	private final Backoff backoff = new Backoff(FIRST_RETRY, LAST_RETRY);

	private final List<StreamConnection<Q, R>> connections = new ArrayList<>();

	private final CompletableFuture<@Nullable Void> closed = new CompletableFuture<>();

	/**
	 * The slots for which no message was requested.
	 */
	private int free;

	private @Nullable ComponentGeneration generation;

	private @Nullable StreamConnection<Q, R> current;

	/**
	 * The connection on a later generation, which takes over as soon as it is open.
	 */
	private @Nullable StreamConnection<Q, R> next;

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
	 * Create a stream, which {@link #start()} opens.
	 * @param client access to the component
	 * @param description name of the stream within a sentence, such as
	 * {@code subscription to topic 'orders'}
	 * @param concurrency maximum number of messages that are handled at the same time, at
	 * least 1
	 * @param protocol contents of the stream
	 */
	public ReopeningStream(ComponentClient client, String description, int concurrency, StreamProtocol<Q, R> protocol) {
		this.client = client;
		this.protocol = protocol;
		this.description = description;
		this.threads = new StreamThreads(client.executor(), client.scheduler());
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
	 * Open the stream as soon as the component is ready, and keep it open. Does not
	 * block. Further calls have no effect.
	 */
	public void start() {
		this.serial.execute(() -> {
			if (!this.started && !this.draining) {
				this.started = true;
				Registration generations = this.client
					.onGeneration((generation) -> this.serial.execute(() -> ready(generation)));
				Registration stops = this.client.onStop(() -> this.serial.execute(this::processStops));
				this.registration = () -> {
					generations.close();
					stops.close();
				};
			}
		});
	}

	/**
	 * The state of the stream.
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
		leaveLater(generation);
		StreamConnection<Q, R> outdated = this.next;
		if (outdated != null) {
			this.next = null;
			retire(outdated);
		}
		open();
	}

	/**
	 * Let go of a process that another one has replaced, even if the stream cannot be
	 * opened on the other one in time.
	 */
	private void leaveLater(ComponentGeneration generation) {
		StreamConnection<Q, R> current = this.current;
		if (current == null || generation.continues(current.generation())) {
			return;
		}
		try {
			this.client.scheduler()
				.schedule(() -> this.serial.execute(() -> leave(current)), this.client.callTimeout().toNanos(),
						TimeUnit.NANOSECONDS);
		}
		catch (RejectedExecutionException ex) {
			// The host is closed.
		}
	}

	private void leave(StreamConnection<Q, R> connection) {
		if (this.current == connection && !this.draining) {
			this.current = this.next;
			this.next = null;
			progress(StreamStatus.State.WAITING, "it cannot be opened on the new process yet");
			retire(connection);
		}
	}

	/**
	 * Let go of a process that the application stops, so that the process can end. The
	 * stream opens again on the next generation.
	 */
	private void processStops() {
		if (this.draining) {
			return;
		}
		cancelRetry();
		this.current = null;
		this.next = null;
		progress(StreamStatus.State.WAITING, "the component is being stopped");
		List.copyOf(this.connections).forEach(this::retire);
	}

	private void open() {
		cancelRetry();
		ComponentGeneration generation = this.generation;
		StreamConnection<Q, R> current = this.current;
		if (this.draining || this.next != null || generation == null || !generation.current()
				|| (current != null && current.generation() == generation)) {
			return;
		}
		StreamConnection<Q, R> connection = new StreamConnection<>(this, generation);
		this.connections.add(connection);
		if (current == null) {
			this.current = connection;
		}
		else {
			this.next = connection;
		}
		CompletionStage<?> prepared;
		try {
			prepared = this.protocol.prepare(generation.channel());
		}
		catch (RuntimeException ex) {
			prepared = CompletableFuture.failedFuture(ex);
		}
		prepared.whenComplete((value, failure) -> this.serial.execute(() -> prepared(connection, failure)));
	}

	private void prepared(StreamConnection<Q, R> connection, @Nullable Throwable failure) {
		if (failure != null || connection.isRetired() || this.draining) {
			closed(connection, (failure != null) ? Status.fromThrowable(failure) : Status.CANCELLED);
			return;
		}
		try {
			connection.open(this.protocol.method(),
					this.client.callOptions()
						.withExecutor(this.threads::callback)
						.withOption(EndlessCalls.HANDED_OVER, Boolean.TRUE),
					this.protocol.opening());
		}
		catch (RuntimeException | Error ex) {
			connection.cancel();
			closed(connection, Status.fromThrowable(ex));
			return;
		}
		request();
	}

	/**
	 * Take no more messages from a connection that another one has replaced, and end it
	 * when its messages are settled.
	 */
	private void retire(StreamConnection<Q, R> connection) {
		connection.retire();
		this.free += connection.takeRequested();
		endIfIdle(connection);
	}

	private void endIfIdle(StreamConnection<Q, R> connection) {
		if (connection.isIdle() && (connection.isRetired() || this.draining)) {
			end(connection);
		}
	}

	private void end(StreamConnection<Q, R> connection) {
		if (!connection.end()) {
			return;
		}
		try {
			this.client.scheduler()
				.schedule(() -> this.serial.execute(connection::cancel), END_MILLIS, TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			connection.cancel();
		}
	}

	/**
	 * Request as many messages as there are free slots. A component that does not read
	 * our answers gets no requests.
	 */
	private void request() {
		StreamConnection<Q, R> connection = this.current;
		if (connection != null && this.free > 0 && !this.draining && connection.isReady()) {
			int count = this.free;
			this.free = 0;
			connection.request(count);
		}
	}

	void execute(Runnable event) {
		this.serial.execute(event);
	}

	void arrived(StreamConnection<Q, R> connection, R message) {
		this.serial.execute(new Arrival(connection, message, null));
	}

	/**
	 * A message has arrived that is too large.
	 * @param message the message without its large fields
	 */
	void tooLarge(StreamConnection<Q, R> connection, R message, int size, int limit) {
		// These are the words of gRPC.
		Status status = Status.RESOURCE_EXHAUSTED
			.withDescription("gRPC message exceeds maximum size " + limit + ": " + size);
		this.serial.execute(new Arrival(connection, message, status));
	}

	void ready(StreamConnection<Q, R> connection) {
		StreamConnection<Q, R> before = this.current;
		if (this.next == connection && before != null && !this.draining) {
			this.next = null;
			this.current = connection;
			retire(before);
			this.opened++;
			progress(StreamStatus.State.ACTIVE, null);
			logger.debug("The {} has moved to generation {}", this, connection.generation().number());
		}
		else if (this.current == connection && this.progress.state() != StreamStatus.State.ACTIVE && !this.draining) {
			this.opened++;
			progress(StreamStatus.State.ACTIVE, null);
			if (this.lastFault == null || this.opened == 1) {
				logger.info("The {} is open (generation {})", this, connection.generation().number());
			}
		}
		request();
	}

	void closed(StreamConnection<Q, R> connection, Status status) {
		connection.closed();
		this.connections.remove(connection);
		this.free += connection.takeRequested();
		if (this.next == connection) {
			this.next = null;
			if (!this.draining && connection.generation().current()) {
				logger.debug("The {} cannot move to generation {} yet: {}", this, connection.generation().number(),
						status);
				retryLater();
			}
			checkDrained();
			return;
		}
		if (this.current != connection) {
			checkDrained();
			return;
		}
		this.current = this.next;
		this.next = null;
		if (this.draining) {
			checkDrained();
			return;
		}
		if (this.current != null) {
			// The connection that takes over is not open yet.
			progress(StreamStatus.State.WAITING, "the component has ended the connection before");
			return;
		}
		if (connection.ageNanos() > STABLE_NANOS) {
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
		if (connection.generation().current()) {
			retryLater();
		}
	}

	private String fault(Status status) {
		String said = FailureCause.describe(status);
		if (said.isEmpty()) {
			return status.getCode().name();
		}
		String shown = LogText.oneLine(this.client.withoutSecrets(said), MAX_FAULT);
		if (MessageLimit.isOurs(status)) {
			return status.getCode() + " (" + shown + "): the component has sent a message that is too large. "
					+ MessageLimit.properties(this.client.component())
					+ ". If the component sends that message again, the stream does not reach the messages behind it";
		}
		return status.getCode() + " (" + shown + ")";
	}

	private void retryLater() {
		try {
			this.retry = this.client.scheduler()
				.schedule(() -> this.serial.execute(this::open), this.backoff.nextMillis(), TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			// The host is closed.
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

	/**
	 * Request no more messages, send the answers to those that are being handled, and end
	 * the stream. When the grace is over, the stream is cancelled, and the protocol
	 * {@link StreamProtocol#abandon() abandons} its handlers. Does not block. A second
	 * call does not change the grace.
	 * @param grace time for the messages that are being handled; zero to end at once
	 * @return completes when the stream has ended; never fails
	 */
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
	 * Wait until the stream has ended, for at most the grace and 2 seconds. To be called
	 * after {@link #drain}, and not on a thread that handles a message of the stream. If
	 * the thread is interrupted, it stops waiting and stays interrupted.
	 * @param grace the grace that was given to {@link #drain}
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
	 * End the stream when its grace is over. Messages that are still being handled get no
	 * answer.
	 */
	private void abandon() {
		if (this.closed.isDone()) {
			return;
		}
		if (this.inFlight > 0) {
			logger.warn("The {} ends while {} of its messages are being handled; they get no answer", this,
					this.inFlight);
		}
		List.copyOf(this.connections).forEach(StreamConnection::cancel);
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
	 * A message, from its arrival on. The serial executor runs it once for each of its
	 * steps, which are at most three: handle the message, send the answer, and take back
	 * the slot. The last two are one step for a message whose handler is back.
	 */
	private final class Arrival extends Settlement<@Nullable Q> implements Runnable {

		private final StreamConnection<Q, R> connection;

		private final R message;

		/** Why the message is refused, {@code null} if it is handled. */
		private final @Nullable Status refusal;

		private Step next = Step.HANDLE;

		private @Nullable Q answer;

		private @Nullable Throwable failure;

		Arrival(StreamConnection<Q, R> connection, R message, @Nullable Status refusal) {
			this.connection = connection;
			this.message = message;
			this.refusal = refusal;
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
			if (ReopeningStream.this.draining || !this.connection.begin()) {
				// Without an answer, the component sends the message again.
				return;
			}
			ReopeningStream.this.inFlight++;
			ReopeningStream.this.received++;
			try {
				if (this.refusal != null) {
					refuse(this.refusal);
				}
				else {
					ReopeningStream.this.protocol.handle(this.message, this);
				}
			}
			catch (RuntimeException ex) {
				fail(ex);
			}
		}

		private void refuse(Status status) {
			ReopeningStream<Q, R> stream = ReopeningStream.this;
			Q answer = stream.protocol.refuse(this.message,
					"the message is larger than the application accepts: " + status.getDescription());
			if (answer != null) {
				stream.refusals.log(logger,
						"The " + stream + " has refused a message that is too large (" + status.getDescription() + "). "
								+ MessageLimit.properties(stream.client.component())
								+ ". The component decides what becomes of the message");
				settle(answer);
			}
			else {
				settle(null);
				this.connection.cancel();
				closed(this.connection, status);
			}
		}

		private void answer() {
			Throwable failure = this.failure;
			if (failure instanceof HandlerStoppedException) {
				logger.debug("A message of the {} gets no answer, as its handler was stopped", ReopeningStream.this);
			}
			else if (failure != null) {
				logger.error("A message of the {} gets no answer", ReopeningStream.this, failure);
			}
			this.connection.settle(this.answer);
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
