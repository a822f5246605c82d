package dev.pluggable.internal.supervisor;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import com.google.protobuf.Empty;
import dev.pluggable.internal.support.LostConnection;
import dev.pluggable.proto.goplugin.GRPCStdioGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto.StdioData;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a plugin writes to its standard output and error once it serves
 * ({@code plugin.GRPCStdio}). Read to its end even where nobody wants it, as a plugin
 * that writes waits for its reader; one piece at a time, so that memory is bounded.
 */
final class GrpcStdio {

	private static final Logger logger = LoggerFactory.getLogger(GrpcStdio.class);

	/**
	 * Go's pieces have 1 KiB; gRPC's own default is plenty, even where the channel allows
	 * more.
	 */
	private static final int MAX_MESSAGE_SIZE = 4 * 1024 * 1024;

	private final PluginLog log;

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	private GrpcStdio(PluginLog log) {
		this.log = log;
	}

	/**
	 * Begin to read. To be called once per process: what was read once does not come
	 * again. The reading ends with the channel.
	 * @param channel the connection to the process
	 * @param log where the lines go
	 * @return completes when there is nothing more to read, never fails
	 */
	static CompletionStage<Void> read(Channel channel, PluginLog log) {
		GrpcStdio stdio = new GrpcStdio(log);
		Reader reader = stdio.new Reader();
		try {
			// Not to end with a call that is being handled.
			Context.ROOT.run(() -> GRPCStdioGrpc.newStub(channel)
				.withMaxInboundMessageSize(MAX_MESSAGE_SIZE)
				.streamStdio(Empty.getDefaultInstance(), reader));
		}
		catch (RuntimeException ex) {
			reader.onError(ex);
		}
		return stdio.ended;
	}

	/**
	 * Told by one thread at a time.
	 */
	private final class Reader implements ClientResponseObserver<Empty, StdioData> {

		private final LineSplitter output = new LineSplitter(GrpcStdio.this.log::output);

		private final LineSplitter error = new LineSplitter(GrpcStdio.this.log::error);

		private @Nullable ClientCallStreamObserver<Empty> call;

		private boolean warned;

		@Override
		public void beforeStart(ClientCallStreamObserver<Empty> call) {
			this.call = call;
			call.disableAutoRequestWithInitial(1);
		}

		@Override
		public void onNext(StdioData piece) {
			byte[] data = piece.getData().toByteArray();
			switch (piece.getChannel()) {
				case STDOUT -> this.output.append(data, data.length);
				case STDERR -> this.error.append(data, data.length);
				default -> warnUnknown(piece.getChannelValue());
			}
			if (this.call != null) {
				this.call.request(1);
			}
		}

		private void warnUnknown(int number) {
			if (!this.warned) {
				this.warned = true;
				logger.warn("Plugin '{}' sends output on channel {}, which is neither standard output nor error: "
						+ "it is dropped", GrpcStdio.this.log.plugin(), number);
			}
		}

		@Override
		public void onError(Throwable failure) {
			Status status = Status.fromThrowable(failure);
			Status.Code code = status.getCode();
			if (LostConnection.isReason(status) || code == Status.Code.CANCELLED) {
				logger.debug("The output of plugin '{}' has ended: {}", GrpcStdio.this.log.plugin(), code);
			}
			else if (code == Status.Code.UNIMPLEMENTED) {
				logger.debug("Plugin '{}' does not hand on its output", GrpcStdio.this.log.plugin());
			}
			else {
				logger.warn("The output of plugin '{}' cannot be read any more: {}. "
						+ "The plugin may hang when it writes more", GrpcStdio.this.log.plugin(), code);
			}
			end();
		}

		@Override
		public void onCompleted() {
			end();
		}

		private void end() {
			this.output.end();
			this.error.end();
			GrpcStdio.this.log.end();
			GrpcStdio.this.ended.complete(null);
		}

	}

}
