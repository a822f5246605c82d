package dev.pluggable.sample.median.plugins;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.google.protobuf.Empty;
import dev.pluggable.ComponentClient;
import dev.pluggable.PluggableException;
import dev.pluggable.Registration;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import dev.pluggable.sample.proto.median.v1.ReportingPluginGrpc;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows transmissions until it is closed. Only the user of a stream knows how the
 * stream continues after an error, so the host does not open a stream again. This class
 * does: after a delay, and at once when the plugin object was created again, so that its
 * predecessor can end. No transmission is lost, because the stream begins with the latest
 * one.
 *
 * @since 0.1.0
 */
public final class TransmissionWatch implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(TransmissionWatch.class);

	private static final Duration RETRY = Duration.ofMillis(200);

	private final ComponentClient client;

	private final Consumer<Transmission> listener;

	private @Nullable Registration registration;

	private @Nullable Stream stream;

	private @Nullable ScheduledFuture<?> next;

	private boolean closed;

	private volatile long opened;

	private TransmissionWatch(ComponentClient client, Consumer<Transmission> listener) {
		this.client = client;
		this.listener = listener;
	}

	static TransmissionWatch begin(ComponentClient client, Consumer<Transmission> listener) {
		TransmissionWatch watch = new TransmissionWatch(client, listener);
		watch.begin();
		return watch;
	}

	private synchronized void begin() {
		this.registration = this.client.onGeneration((generation) -> open());
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
			// The call need not wait for the object: this class tries again after a
			// delay.
			ReportingPluginGrpc.newStub(this.client.channel())
				.withOption(ComponentClient.NO_WAIT, true)
				.watchTransmissions(Empty.getDefaultInstance(), opening);
		}
		catch (PluggableException ex) {
			opening.ended(ex);
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
			this.next = this.client.scheduler().schedule(this::open, RETRY.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The application is stopping", ex);
		}
	}

	/**
	 * Return the number of attempts to open the stream.
	 * @return the number
	 */
	public long opened() {
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
	private final class Stream implements ClientResponseObserver<Empty, MedianProto.Transmission> {

		private @Nullable ClientCallStreamObserver<Empty> call;

		@Override
		public void beforeStart(ClientCallStreamObserver<Empty> call) {
			this.call = call;
		}

		@Override
		public void onNext(MedianProto.Transmission transmission) {
			if (isCurrent(this)) {
				TransmissionWatch.this.listener.accept(Transmission.of(transmission));
			}
		}

		@Override
		public void onError(Throwable failure) {
			ended(failure);
		}

		@Override
		public void onCompleted() {
			ended(null);
		}

		void ended(@Nullable Throwable failure) {
			TransmissionWatch.this.ended(this, failure);
		}

		void cancel() {
			if (this.call != null) {
				this.call.cancel("Nobody watches any more", null);
			}
		}

	}

}
