package dev.pluggable.remote;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import dev.pluggable.Registration;
import dev.pluggable.internal.support.Backoff;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.internal.support.RequestNotSentException;
import dev.pluggable.plugin.PluginException;
import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thing in a plugin that a call of the application has created and that is reached by a
 * connection of its own. There is one such object for as long as the application wants
 * it: when its process is replaced, or its connection lost, it is created again, in the
 * background, until that works. Only then does the new one take the old one's place, and
 * what belonged to the old one is closed.
 * <p>
 * It is a {@link ComponentClient} itself: what it creates is made from it in the same
 * way, and created again after it. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class RemoteObject implements ComponentClient, AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RemoteObject.class);

	private static final Duration FIRST_RETRY = Duration.ofMillis(100);

	private static final Duration LAST_RETRY = Duration.ofSeconds(5);

	/**
	 * How long the remote {@code Close} may take: nobody can do anything about it.
	 */
	private static final long CLOSE_SECONDS = 2;

	private static final int MAX_REASON = 400;

	private static final String LOST = "the connection was lost: its process has ended or closed it";

	private final ComponentClient parent;

	private final String name;

	private final Creator creator;

	private final Channel channel = new RemoteChannel();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final Map<Waiter, ScheduledFuture<?>> waiters = new LinkedHashMap<>();

	private final Backoff backoff = new Backoff(FIRST_RETRY, LAST_RETRY);

	private final List<IncarnationListener> listeners = new CopyOnWriteArrayList<>();

	private final List<RemoteObject> children = new CopyOnWriteArrayList<>();

	private final CompletableFuture<@Nullable Void> ready = new CompletableFuture<>();

	private volatile @Nullable ObjectGeneration current;

	private volatile RemoteObjectStatus status;

	private @Nullable Registration registration;

	private @Nullable ComponentGeneration parentGeneration;

	private @Nullable CreationAttempt attempt;

	private @Nullable ScheduledFuture<?> retry;

	private @Nullable String lastFailure;

	private long created;

	private volatile boolean closed;

	private RemoteObject(ComponentClient parent, String name, Creator creator) {
		this.parent = parent;
		this.name = name;
		this.creator = creator;
		this.status = new RemoteObjectStatus(name, RemoteObjectStatus.State.PENDING,
				"waiting for '" + parent.component() + "'", 0, Instant.now());
	}

	/**
	 * Have something created, and created again whenever that is needed. Does not wait.
	 * @param parent what creates it: a component of a launched plugin, or another remote
	 * object
	 * @param name what it is, for messages
	 * @param creator makes the call that creates it
	 * @return the object, to be closed by the caller
	 */
	public static RemoteObject create(ComponentClient parent, String name, Creator creator) {
		RemoteObject object = new RemoteObject(parent, name, creator);
		object.start();
		return object;
	}

	private void start() {
		if (this.parent instanceof RemoteObject object) {
			object.children.add(this);
			if (object.closed) {
				object.children.remove(this);
				parentClosed();
				return;
			}
		}
		Registration registration = this.parent.onGeneration(this::parentReady);
		boolean late;
		this.lock.lock();
		try {
			late = this.closed;
			this.registration = registration;
		}
		finally {
			this.lock.unlock();
		}
		if (late) {
			registration.close();
		}
	}

	/**
	 * The parent is another one now: what it created before is of no use.
	 */
	private void parentReady(ComponentGeneration generation) {
		CreationAttempt superseded;
		CreationAttempt next;
		this.lock.lock();
		try {
			ComponentGeneration known = this.parentGeneration;
			if (this.closed || (known != null && generation.number() <= known.number())) {
				return;
			}
			this.parentGeneration = generation;
			this.backoff.reset();
			superseded = this.attempt;
			next = begin();
		}
		finally {
			this.lock.unlock();
		}
		if (superseded != null) {
			superseded.cancel();
		}
		run(next);
	}

	/**
	 * Begin an attempt unless there is one, or no parent to make it with: then the next
	 * begins with what comes. The lock is held.
	 * @return the attempt to be run without the lock, {@code null} for none
	 */
	private @Nullable CreationAttempt begin() {
		if (this.retry != null) {
			this.retry.cancel(false);
			this.retry = null;
		}
		ComponentGeneration generation = this.parentGeneration;
		if (this.closed || this.attempt != null || generation == null || !generation.current()) {
			return null;
		}
		try {
			this.attempt = new CreationAttempt(this, generation);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed", ex);
		}
		return this.attempt;
	}

	private void run(@Nullable CreationAttempt attempt) {
		if (attempt == null) {
			return;
		}
		attempt.outcome().whenComplete((incarnation, failure) -> ended(attempt, incarnation, failure));
		try {
			executor().execute(() -> attempt.run(this.creator));
		}
		catch (RejectedExecutionException ex) {
			attempt.cancel();
		}
	}

	private void ended(CreationAttempt attempt, @Nullable ObjectGeneration incarnation, @Nullable Throwable failure) {
		ObjectGeneration replaced = null;
		CreationAttempt next = null;
		List<Waiter> resumed = List.of();
		boolean accepted = false;
		String reason = null;
		boolean news = false;
		this.lock.lock();
		try {
			this.attempt = null;
			if (this.closed) {
				// Nobody wants it any more.
			}
			else if (attempt.parent() != this.parentGeneration) {
				next = begin();
			}
			else if (incarnation != null) {
				accepted = true;
				replaced = this.current;
				incarnation.numbered(++this.created);
				this.backoff.reset();
				this.lastFailure = null;
				this.current = incarnation;
				changed(RemoteObjectStatus.State.READY, null);
				resumed = takeWaiters();
				this.changed.signalAll();
			}
			else {
				reason = describe(Objects.requireNonNull(failure));
				// What fails because the parent has gone is told by the parent.
				news = !reason.equals(this.lastFailure) && attempt.parent().current() && !stopped();
				this.lastFailure = reason;
				if (this.current == null) {
					changed((this.created > 0) ? RemoteObjectStatus.State.UNAVAILABLE
							: RemoteObjectStatus.State.PENDING, reason);
				}
				retry();
			}
		}
		finally {
			this.lock.unlock();
		}
		if (accepted && incarnation != null) {
			taken(incarnation, replaced, resumed);
		}
		else if (incarnation != null) {
			incarnation.close();
		}
		else if (news) {
			logger.warn("{} cannot be created, which is tried again: {}", this, reason);
		}
		run(next);
	}

	/**
	 * All that follows when an incarnation has taken over.
	 */
	private void taken(ObjectGeneration incarnation, @Nullable ObjectGeneration replaced, List<Waiter> resumed) {
		logger.info("{} is ready ({})", this, incarnation.number());
		resumed.forEach((waiter) -> waiter.next(incarnation));
		this.ready.complete(null);
		tell(incarnation);
		incarnation.connection().notifyWhenStateChanged(ConnectivityState.READY, () -> lost(incarnation));
		if (replaced != null) {
			replaced.retire(scheduler());
		}
	}

	private void tell(ObjectGeneration incarnation) {
		try {
			scheduler().execute(() -> this.listeners.forEach((listener) -> listener.tell(incarnation)));
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed", ex);
		}
	}

	/**
	 * Try again after a while. The lock is held.
	 */
	private void retry() {
		long delay = this.backoff.nextMillis();
		long jittered = delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1);
		try {
			this.retry = scheduler().schedule(this::tryAgain, jittered, TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed", ex);
		}
	}

	private void tryAgain() {
		CreationAttempt next;
		this.lock.lock();
		try {
			next = begin();
		}
		finally {
			this.lock.unlock();
		}
		run(next);
	}

	/**
	 * A creation cannot go on yet.
	 */
	void waiting(CreationAttempt attempt, String reason) {
		this.lock.lock();
		try {
			if (this.attempt == attempt && this.current == null && !this.closed) {
				changed(this.status.state(), reason);
			}
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * An incarnation takes no more calls.
	 */
	void lost(ObjectGeneration incarnation) {
		CreationAttempt next = null;
		boolean news;
		this.lock.lock();
		try {
			news = this.current == incarnation;
			if (news) {
				this.current = null;
				changed(RemoteObjectStatus.State.UNAVAILABLE, LOST);
				next = begin();
			}
		}
		finally {
			this.lock.unlock();
		}
		if (news && stopped()) {
			logger.debug("{} has ended with its process", this);
		}
		else if (news) {
			logger.warn("{} is not available: {}", this, LOST);
		}
		incarnation.retire(scheduler());
		run(next);
	}

	boolean isOn(ObjectGeneration incarnation) {
		return this.current == incarnation;
	}

	/**
	 * Have a call wait for the incarnation after the one that it failed on, within its
	 * deadline.
	 */
	void awaitNext(ObjectGeneration failed, Waiter waiter, @Nullable Deadline deadline) {
		long nanos = (deadline != null) ? deadline.timeRemaining(TimeUnit.NANOSECONDS) : callTimeout().toNanos();
		ObjectGeneration next = null;
		boolean waits = false;
		this.lock.lock();
		try {
			next = (this.current != failed) ? this.current : null;
			if (next == null && !this.closed && nanos > 0) {
				this.waiters.put(waiter, scheduler().schedule(() -> giveUp(waiter), nanos, TimeUnit.NANOSECONDS));
				waits = true;
			}
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The host has closed", ex);
		}
		finally {
			this.lock.unlock();
		}
		if (next != null) {
			waiter.next(next);
		}
		else if (!waits) {
			waiter.giveUp();
		}
	}

	private void giveUp(Waiter waiter) {
		if (forget(waiter)) {
			waiter.giveUp();
		}
	}

	/**
	 * Have a call wait no longer.
	 * @return whether it did
	 */
	boolean forget(Waiter waiter) {
		ScheduledFuture<?> end;
		this.lock.lock();
		try {
			end = this.waiters.remove(waiter);
		}
		finally {
			this.lock.unlock();
		}
		if (end != null) {
			end.cancel(false);
		}
		return end != null;
	}

	private List<Waiter> takeWaiters() {
		List<Waiter> taken = new ArrayList<>(this.waiters.keySet());
		this.waiters.values().forEach((end) -> end.cancel(false));
		this.waiters.clear();
		return taken;
	}

	private void changed(RemoteObjectStatus.State state, @Nullable String reason) {
		RemoteObjectStatus before = this.status;
		this.status = new RemoteObjectStatus(this.name, state, reason, this.created,
				(before.state() == state) ? before.since() : Instant.now());
	}

	private String describe(Throwable failure) {
		Throwable cause = failure;
		while (cause instanceof CompletionException && cause.getCause() != null) {
			cause = cause.getCause();
		}
		String text;
		if (cause instanceof StatusRuntimeException ex) {
			text = describe(ex.getStatus());
		}
		else if (cause instanceof StatusException ex) {
			text = describe(ex.getStatus());
		}
		else if (cause instanceof PluginException || cause instanceof PluggableException) {
			text = String.valueOf(cause.getMessage());
		}
		else {
			text = cause.toString();
		}
		return LogText.oneLine(withoutSecrets(text), MAX_REASON);
	}

	/**
	 * Netty's description has more lines, about its own parts.
	 */
	private static String describe(Status status) {
		String description = status.getDescription();
		String text = status.getCode()
				+ ((description != null) ? ": " + description.lines().findFirst().orElse("") : "");
		Throwable root = status.getCause();
		while (root != null && root.getCause() != null) {
			root = root.getCause();
		}
		if (root == null || root instanceof RequestNotSentException) {
			return text;
		}
		return text + " (" + Objects.requireNonNullElse(root.getMessage(), root.getClass().getSimpleName()) + ")";
	}

	/**
	 * A call on an incarnation.
	 */
	<Q, R> ClientCall<Q, R> newCall(ObjectGeneration incarnation, MethodDescriptor<Q, R> method, CallOptions options,
			boolean repeatable) {
		CallOptions limited = options;
		if (method.getType() == MethodDescriptor.MethodType.UNARY && options.getDeadline() == null) {
			limited = options.withDeadlineAfter(callTimeout().toNanos(), TimeUnit.NANOSECONDS);
		}
		return new RemoteCall<>(this, incarnation, method, limited, repeatable);
	}

	private ObjectGeneration awaitCurrent(@Nullable String operation, boolean mayWait) {
		ObjectGeneration incarnation = mayWait ? awaitOpened() : this.current;
		if (incarnation == null) {
			String reason = unavailability();
			throw new ComponentUnavailableException(this.name, kind(), operation, (reason != null) ? reason : LOST);
		}
		return incarnation;
	}

	private @Nullable ObjectGeneration awaitOpened() {
		long remaining = waitForReady().toNanos();
		this.lock.lock();
		try {
			while (this.current == null && !this.closed && remaining > 0) {
				remaining = this.changed.awaitNanos(remaining);
			}
			return this.current;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * What is known of the object now.
	 * @return a consistent snapshot
	 */
	public RemoteObjectStatus status() {
		RemoteObjectStatus status = this.status;
		String reason = (status.state() != RemoteObjectStatus.State.READY) ? unavailability() : null;
		return (reason != null)
				? new RemoteObjectStatus(status.name(), status.state(), reason, status.generation(), status.since())
				: status;
	}

	/**
	 * Why it cannot be called now: its own reason, and that of what creates it.
	 */
	@Override
	public @Nullable String unavailability() {
		if (this.current != null) {
			return null;
		}
		String reason = this.status.reason();
		String own = (reason != null) ? reason : LOST;
		String parents = this.closed ? null : this.parent.unavailability();
		return (parents == null || own.contains(parents)) ? own : own + ": " + parents;
	}

	/**
	 * Whether it was closed, or what it was created by has ended because it was to.
	 */
	@Override
	public boolean stopped() {
		return this.closed || this.parent.stopped();
	}

	/**
	 * Whether it can be called now, as far as is known.
	 * @return {@code true} if so
	 */
	public boolean connected() {
		return this.current != null;
	}

	/**
	 * Completes when the object has been created for the first time.
	 * @return the stage, which fails with a {@link ComponentUnavailableException} if the
	 * object is closed before
	 */
	public CompletionStage<@Nullable Void> ready() {
		return this.ready.minimalCompletionStage();
	}

	/**
	 * Name of the object.
	 * @return the name
	 */
	@Override
	public String component() {
		return this.name;
	}

	/**
	 * Name of the kind of the component that it began with.
	 * @return the name
	 */
	@Override
	public String kind() {
		return this.parent.kind();
	}

	/**
	 * Channel that leads to the current incarnation. Unary calls without a deadline have
	 * the component's call timeout. While there is none, {@code newCall} waits on the
	 * calling thread for at most the component's wait-for-ready time and then throws a
	 * {@link ComponentUnavailableException} with the reason; with the option
	 * {@link #NO_WAIT} it throws at once. A call that is lost with the object is made
	 * once more when there is another, within its deadline, if it is certain that it was
	 * not sent, or if it is unary and the {@code .proto} says by its
	 * {@code idempotency_level} that it may be.
	 * @return the channel, the same one always
	 */
	@Override
	public Channel channel() {
		return this.channel;
	}

	@Override
	public CallOptions callOptions() {
		return this.parent.callOptions();
	}

	@Override
	public Duration waitForReady() {
		return this.parent.waitForReady();
	}

	@Override
	public Duration callTimeout() {
		return this.parent.callTimeout();
	}

	/**
	 * An object has no features.
	 * @return the empty set
	 */
	@Override
	public Set<String> features() {
		return Set.of();
	}

	@Override
	public String withoutSecrets(String text) {
		return this.parent.withoutSecrets(text);
	}

	/**
	 * How often it was created so far.
	 * @return the number of the current incarnation, 0 before the first
	 */
	@Override
	public long generation() {
		return this.status.generation();
	}

	/**
	 * Be told of each incarnation, beginning with the current one if there is one. Its
	 * attributes are those of the process.
	 */
	@Override
	public Registration onGeneration(Consumer<ComponentGeneration> listener) {
		IncarnationListener registered = new IncarnationListener(listener);
		this.listeners.add(registered);
		ObjectGeneration incarnation = this.current;
		if (incarnation != null) {
			try {
				scheduler().execute(() -> {
					if (isOn(incarnation)) {
						registered.tell(incarnation);
					}
				});
			}
			catch (RejectedExecutionException ex) {
				logger.debug("The host has closed", ex);
			}
		}
		return () -> this.listeners.remove(registered);
	}

	@Override
	public Executor executor() {
		return this.parent.executor();
	}

	@Override
	public ScheduledExecutorService scheduler() {
		return this.parent.scheduler();
	}

	/**
	 * Tell the plugin that the object is not needed any more, then close it. The plugin
	 * is told if it is there, and has 2 s to answer; if it is not there, or does not
	 * answer, there is nothing left to close, and nothing is thrown.
	 * @param <Q> request
	 * @param method the interface's own method to close it
	 * @param request its request
	 */
	public <Q> void close(MethodDescriptor<Q, ?> method, Q request) {
		ObjectGeneration incarnation = this.closed ? null : this.current;
		try {
			if (incarnation != null) {
				close(incarnation, method, request);
			}
		}
		finally {
			close();
		}
	}

	private <Q> void close(ObjectGeneration incarnation, MethodDescriptor<Q, ?> method, Q request) {
		try {
			ClientCalls.blockingUnaryCall(incarnation.connection(), method,
					CallOptions.DEFAULT.withDeadlineAfter(CLOSE_SECONDS, TimeUnit.SECONDS), request);
		}
		catch (StatusRuntimeException ex) {
			if (LostConnection.isReason(ex.getStatus()) || ex.getStatus().getCode() == Status.Code.CANCELLED
					|| !incarnation.usable() || stopped()) {
				logger.debug("{} was closed when it had gone", this, ex);
			}
			else {
				logger.warn("{} failed to close: {}", this, describe(ex));
			}
		}
	}

	/**
	 * Close the connection and what was served for the object. What was created by it is
	 * closed, too. Calls under way fail, and none is made again. Does not block.
	 */
	@Override
	public void close() {
		close("it was closed");
	}

	private void parentClosed() {
		close("'" + this.parent.component() + "', which created it, was closed");
	}

	private void close(String reason) {
		ObjectGeneration incarnation;
		CreationAttempt running;
		Registration registration;
		List<Waiter> waiting;
		this.lock.lock();
		try {
			if (this.closed) {
				return;
			}
			this.closed = true;
			incarnation = this.current;
			this.current = null;
			running = this.attempt;
			registration = this.registration;
			waiting = takeWaiters();
			if (this.retry != null) {
				this.retry.cancel(false);
				this.retry = null;
			}
			changed(RemoteObjectStatus.State.CLOSED, reason);
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
		if (this.parent instanceof RemoteObject object) {
			object.children.remove(this);
		}
		if (registration != null) {
			registration.close();
		}
		this.children.forEach(RemoteObject::parentClosed);
		if (running != null) {
			running.cancel();
		}
		if (incarnation != null) {
			incarnation.close();
		}
		waiting.forEach(Waiter::giveUp);
		this.listeners.clear();
		this.ready.completeExceptionally(new ComponentUnavailableException(this.name, kind(), null, reason));
	}

	@Override
	public String toString() {
		return "Remote object '" + this.name + "'";
	}

	/**
	 * Makes the call that creates an object.
	 */
	@FunctionalInterface
	public interface Creator {

		/**
		 * Create the object. May block; is interrupted if it takes longer than 30 s or is
		 * not needed any more. For one object there is one call at a time.
		 * @param creation what to do it with; of no use afterwards
		 * @return the number that the plugin gave, which it serves with its broker
		 * @throws Exception if that fails; it is tried again
		 */
		int create(Creation creation) throws Exception;

	}

	/**
	 * What a creator works with. What is served by it belongs to the object that is
	 * created, and is closed with it: when the object is created again, after the new one
	 * has taken over.
	 */
	public interface Creation {

		/**
		 * Channel to the one process, or object, that is to create. Calls on it end when
		 * the creation does.
		 * @return the channel
		 */
		Channel channel();

		/**
		 * Serve something to the process.
		 * @param name what it is, for messages
		 * @param services the services, all on one connection
		 * @return the number to give to the plugin
		 * @throws PluginException if it cannot be served
		 */
		int serve(String name, BindableService... services);

		/**
		 * Serve something to the process.
		 * @param name what it is, for messages
		 * @param services the services, all on one connection
		 * @return the number to give to the plugin
		 * @throws PluginException if it cannot be served
		 */
		int serve(String name, List<ServerServiceDefinition> services);

		/**
		 * Hand on another object or component, of this plugin or another. The plugin's
		 * calls reach whichever incarnation of it is current.
		 * @param name what it is, for messages
		 * @param target the object or component
		 * @return the number to give to the plugin
		 * @throws PluginException if it cannot be served
		 */
		int proxy(String name, ComponentClient target);

		/**
		 * Serve one of the services that the application offers to plugins. Waits for it
		 * while the application is still starting.
		 * @param service its full gRPC name
		 * @return the number to give to the plugin
		 * @throws PluginException if there is no such service or it cannot be served
		 */
		int offer(String service);

	}

	/**
	 * A call that waits for the next incarnation. Exactly one of the methods is called.
	 */
	interface Waiter {

		/**
		 * Go on.
		 * @param incarnation the next one
		 */
		void next(ObjectGeneration incarnation);

		/**
		 * Fail.
		 */
		void giveUp();

	}

	/**
	 * Leads to whichever incarnation is current.
	 */
	private final class RemoteChannel extends Channel {

		@Override
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			ObjectGeneration incarnation = RemoteObject.this.current;
			if (incarnation == null) {
				incarnation = awaitCurrent(method.getBareMethodName(), !options.getOption(NO_WAIT));
			}
			return RemoteObject.this.newCall(incarnation, method, options, true);
		}

		@Override
		public String authority() {
			return RemoteObject.this.name;
		}

	}

	/**
	 * Hears of each incarnation once, in their order.
	 */
	private final class IncarnationListener {

		private final Consumer<ComponentGeneration> delegate;

		private long last;

		IncarnationListener(Consumer<ComponentGeneration> delegate) {
			this.delegate = delegate;
		}

		synchronized void tell(ObjectGeneration incarnation) {
			if (incarnation.number() <= this.last || !RemoteObject.this.listeners.contains(this)) {
				return;
			}
			this.last = incarnation.number();
			try {
				this.delegate.accept(incarnation);
			}
			catch (RuntimeException ex) {
				logger.error("{} cannot tell of incarnation {}", RemoteObject.this, incarnation.number(), ex);
			}
		}

	}

}
