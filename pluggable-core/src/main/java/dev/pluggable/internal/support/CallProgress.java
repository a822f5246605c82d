package dev.pluggable.internal.support;

import java.util.concurrent.Executor;

import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt of a call has sent and received on its connection. Safe for use by
 * many threads.
 */
public final class CallProgress extends ClientStreamTracer {

	private static final ClientStreamTracer NONE = new ClientStreamTracer() {
	};

	/**
	 * Observes calls whose executor is a {@link Holder}. Whoever makes many such calls
	 * prepares the options of these calls with this factory once, and no call needs a
	 * copy of its options.
	 */
	public static final ClientStreamTracer.Factory OF_HOLDER = new ClientStreamTracer.Factory() {

		@Override
		public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
			CallProgress latest = (info.getCallOptions().getExecutor() instanceof Holder holder) ? holder.progress()
					: null;
			return (latest != null) ? latest : NONE;
		}

	};

	private volatile boolean sent;

	private volatile boolean answered;

	/**
	 * Return options for the call of this attempt.
	 * @param options the options of the caller
	 * @return the same options, or a copy, with which gRPC tells this object the progress
	 */
	public CallOptions observe(CallOptions options) {
		if (options.getExecutor() instanceof Holder holder && options.getStreamTracerFactories().contains(OF_HOLDER)) {
			CallProgress before = holder.replaceProgress(this);
			if (before != null) {
				// A stream of that attempt may tell this object from now on.
				before.sent = true;
				before.answered = true;
			}
			return options;
		}
		return options.withStreamTracerFactory(new ClientStreamTracer.Factory() {

			@Override
			public ClientStreamTracer newClientStreamTracer(StreamInfo info, Metadata headers) {
				return CallProgress.this;
			}

		});
	}

	/**
	 * Tell whether the headers were written to the socket. An attempt before the latest
	 * one of a {@link Holder} counts as sent and answered.
	 */
	public boolean sent() {
		return this.sent;
	}

	/**
	 * Tell whether the server has answered.
	 */
	public boolean answered() {
		return this.answered;
	}

	@Override
	public void outboundHeaders() {
		this.sent = true;
	}

	@Override
	public void inboundHeaders(Metadata headers) {
		this.answered = true;
	}

	@Override
	public void inboundTrailers(Metadata trailers) {
		this.answered = true;
	}

	/**
	 * The executor of a single call, which also holds the progress of the latest attempt.
	 */
	public interface Holder extends Executor {

		/**
		 * Return the progress of the latest attempt.
		 * @return the progress, {@code null} before the first attempt
		 */
		@Nullable CallProgress progress();

		/**
		 * Hold the progress of another attempt.
		 * @return the progress of the attempt before, {@code null} if there was none
		 */
		@Nullable CallProgress replaceProgress(CallProgress progress);

	}

}
