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
 * Reads the standard output and error that a go-plugin sends after its handshake
 * ({@code plugin.GRPCStdio}). A plugin blocks without a reader, so the stream is read to
 * its end. The reader requests one message at a time, so memory is bounded.
 */
final class GrpcStdio {

	private static final Logger logger = LoggerFactory.getLogger(GrpcStdio.class);

	/**
	 * The default of gRPC. Messages of Go plugins have 1 KiB.
	 */
	private static final int MAX_MESSAGE_SIZE = 4 * 1024 * 1024;

	private final PluginLog log;

	private final CompletableFuture<Void> ended = new CompletableFuture<>();

	private GrpcStdio(PluginLog log) {
		this.log = log;
	}

	/**
	 * Begin to read. Call this method once per process, because the plugin sends each
	 * output once. The stream ends with the channel.
	 * @param channel the connection to the process
	 * @param log receives the lines
	 * @return completes at the end of the stream; never fails
	 */
	static CompletionStage<Void> read(Channel channel, PluginLog log) {
		GrpcStdio stdio = new GrpcStdio(log);
		Reader reader = stdio.new Reader();
		try {
			// The stream must not end with the call that the current thread handles.
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
	 * Receives the messages on one thread at a time.
	 */
	private final class Reader implements ClientResponseObserver<Empty, StdioData> {

		private final LineSplitter output = GrpcStdio.this.log.splitter(GrpcStdio.this.log::output);

		private final LineSplitter error = GrpcStdio.this.log.splitter(GrpcStdio.this.log::error);

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
				logger.warn("Plugin '{}' sends output on the unknown channel {}. The output is dropped",
						GrpcStdio.this.log.plugin(), number);
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
				logger.debug("Plugin '{}' does not offer its output", GrpcStdio.this.log.plugin());
			}
			else {
				logger.warn("The application can no longer read the output of plugin '{}': {}. "
						+ "The plugin may hang when it writes more output", GrpcStdio.this.log.plugin(), code);
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
