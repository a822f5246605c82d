package dev.pluggable.sample.median;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pluggable.ComponentClient;
import dev.pluggable.PluggableException;
import dev.pluggable.Registration;
import dev.pluggable.sample.proto.median.v1.MedianProto.Transmission;
import dev.pluggable.sample.proto.median.v1.ReportingPlugin;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows transmissions until it is closed. Only the user of a stream knows how the
 * stream continues after an error, so the host does not open a stream again. This class
 * does: after a delay, and at once when the plugin object was created again, so that its
 * predecessor can end. No transmission is lost, because the stream begins with the latest
 * one.
 */
final class TransmissionWatch implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(TransmissionWatch.class);

	private static final Duration RETRY = Duration.ofMillis(200);

	private final ReportingPlugin plugin;

	private final Consumer<Transmission> listener;

	private @Nullable Registration registration;

	private @Nullable Stream stream;

	private @Nullable ScheduledFuture<?> next;

	private boolean closed;

	private volatile long opened;

	private TransmissionWatch(ReportingPlugin plugin, Consumer<Transmission> listener) {
		this.plugin = plugin;
		this.listener = listener;
	}

	/**
	 * Begin to follow the transmissions: the latest, if there is one, and all later ones.
	 * @param plugin the plugin
	 * @param listener told of each transmission, one after another, on a thread that it
	 * must not block for long; the same transmission may come again
	 * @return the watch, to be closed by the caller
	 */
	static TransmissionWatch begin(ReportingPlugin plugin, Consumer<Transmission> listener) {
		TransmissionWatch watch = new TransmissionWatch(plugin, listener);
		watch.begin();
		return watch;
	}

	private synchronized void begin() {
		this.registration = client().onGeneration((generation) -> open());
	}

	private ComponentClient client() {
		return this.plugin.client();
	}

	private synchronized void open() {
		if (this.closed) {
			return;
		}
		if (this.next != null) {
			this.next.cancel(false);
			this.next = null;
		}
		Stream before = this.stream;
		Stream opening = new Stream();
		this.stream = opening;
		this.opened++;
		try {
			opening.call = this.plugin.async().watchTransmissions(opening);
		}
		catch (PluggableException ex) {
			opening.onError(ex);
		}
		if (before != null) {
			before.cancel();
		}
	}

	private synchronized boolean isCurrent(Stream stream) {
		return this.stream == stream;
	}

	private synchronized void ended(Stream stream, @Nullable Throwable failure) {
		if (this.stream != stream || this.closed) {
			return;
		}
		logger.debug("The stream of transmissions has ended", failure);
		this.stream = null;
		try {
			this.next = client().scheduler().schedule(this::open, RETRY.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The application is stopping", ex);
		}
	}

	/**
	 * Return the number of attempts to open the stream.
	 */
	long opened() {
		return this.opened;
	}

	@Override
	public synchronized void close() {
		this.closed = true;
		if (this.registration != null) {
			this.registration.close();
		}
		if (this.next != null) {
			this.next.cancel(false);
		}
		if (this.stream != null) {
			this.stream.cancel();
		}
	}

	/**
	 * One stream, from its beginning to its end.
	 */
	private final class Stream implements StreamObserver<Transmission> {

		private @Nullable ClientCallStreamObserver<?> call;

		@Override
		public void onNext(Transmission transmission) {
			if (isCurrent(this)) {
				TransmissionWatch.this.listener.accept(transmission);
			}
		}

		@Override
		public void onError(Throwable failure) {
			ended(this, failure);
		}

		@Override
		public void onCompleted() {
			ended(this, null);
		}

		void cancel() {
			if (this.call != null) {
				this.call.cancel("Nobody watches any more", null);
			}
		}

	}

}
