package dev.pluggable.internal.transport;

import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.Filter;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import dev.pluggable.internal.support.FailureCause;
import dev.pluggable.internal.support.LimitedLog;
import dev.pluggable.internal.support.LogText;
import dev.pluggable.internal.support.MessageLimit;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Replaces what the servers of gRPC log about callers that break the protocol: instead of
 * a stack trace for each fault, there is one line with a count for each kind of fault and
 * minute.
 */
final class ServerLog {

	private static final org.slf4j.Logger logger = LoggerFactory.getLogger(ServerLog.class);

	private static final String CONNECTIONS = "io.grpc.netty.NettyServerTransport.connections";

	private static final String HANDLER = "io.grpc.netty.NettyServerHandler";

	/** Text of an exception while the handler reads a frame of the caller. */
	private static final String READING = "Exception in on";

	private static final String CALL_CLOSED = "call already closed";

	private static final String GRPC = "io.grpc.";

	private static final String STATUS = GRPC + "Status";

	private static final int MAX_TEXT = 200;

	private static final Duration WINDOW = Duration.ofMinutes(1);

	private static final LimitedLog connections = new LimitedLog("broken connections", 1, WINDOW);

	/**
	 * By the kind of the fault: the code of its status, or the class of its exception.
	 */
	private static final Map<String, LimitedLog> requests = new ConcurrentHashMap<>();

	/**
	 * By the class of the exception.
	 */
	private static final Map<String, LimitedLog> handshakes = new ConcurrentHashMap<>();

	/**
	 * These references protect the loggers and their filters from garbage collection.
	 */
	private static final List<Logger> LOGGERS = List.of(filtered(CONNECTIONS), filtered(HANDLER),
			filtered("io.grpc.netty.NettyServerStream"), filtered("io.grpc.internal.SerializingExecutor"),
			filtered("io.grpc.internal.ServerCallImpl"), filtered("io.grpc.internal.ServerImpl"));

	private ServerLog() {
	}

	/**
	 * Install the filters, if this has not happened yet.
	 */
	static void quieten() {
		if (LOGGERS.isEmpty()) {
			throw new IllegalStateException("There are no filters");
		}
	}

	private static Logger filtered(String name) {
		Logger filtered = Logger.getLogger(name);
		Filter before = filtered.getFilter();
		filtered.setFilter((event) -> !isFault(name, event) && (before == null || before.isLoggable(event)));
		return filtered;
	}

	private static boolean isFault(String name, LogRecord event) {
		Throwable thrown = event.getThrown();
		if (thrown instanceof Http2Exception.StreamException && name.equals(HANDLER)) {
			// The caller has gone before its answer.
			return true;
		}
		if (thrown instanceof StatusRuntimeException status && status.getStatus().getCode() == Status.Code.CANCELLED) {
			// The same, as the method of a service sees it.
			return true;
		}
		if (thrown instanceof IllegalStateException && CALL_CLOSED.equals(thrown.getMessage())) {
			// The server has refused the request of a call, whose answer comes too late.
			return true;
		}
		if (name.equals(CONNECTIONS)) {
			if (thrown != null) {
				connections.log(logger, "A caller broke its connection to a server: " + text(thrown));
			}
			return thrown != null;
		}
		boolean fault = thrown instanceof Http2Exception
				|| (thrown instanceof StatusRuntimeException status && isOfGrpc(status))
				|| String.valueOf(event.getMessage()).startsWith("Cancelling the stream")
				|| (name.equals(HANDLER) && String.valueOf(event.getMessage()).startsWith(READING));
		if (fault) {
			requests.computeIfAbsent(kind(thrown), (kind) -> limited("malformed requests", kind))
				.log(logger,
						"A caller sent a malformed request to a server: "
								+ ((thrown != null) ? text(thrown) : LogText.oneLine(event.getMessage(), MAX_TEXT))
								+ limit(thrown));
		}
		return fault;
	}

	/**
	 * Log that a caller and a server did not agree on TLS. gRPC does not tell. A caller
	 * that goes away before is no fault.
	 * @param socket the socket of the server
	 * @param connection the connection, which has ended
	 */
	static void ended(Path socket, Channel connection) {
		SslHandler tls = connection.pipeline().get(SslHandler.class);
		Throwable failure = (tls != null) ? tls.handshakeFuture().cause() : null;
		if (failure == null || failure instanceof ClosedChannelException) {
			return;
		}
		handshakes.computeIfAbsent(kind(failure), (kind) -> limited("failed TLS handshakes", kind))
			.log(logger, "A caller failed to begin TLS with the server on " + socket + ": "
					+ ((failure instanceof NotSslRecordException) ? "the caller does not speak TLS" : text(failure)));
	}

	private static LimitedLog limited(String what, String kind) {
		return new LimitedLog(kind.isEmpty() ? what : what + " (" + kind + ")", 1, WINDOW);
	}

	private static String limit(@Nullable Throwable thrown) {
		return (thrown instanceof StatusRuntimeException status && MessageLimit.isOurs(status.getStatus()))
				? ". 'pluggable.plugins.<name>.max-inbound-message-size' sets the limit for a plugin, "
						+ "'pluggable.server.max-inbound-message-size' for callers of served components"
				: "";
	}

	private static String kind(@Nullable Throwable thrown) {
		if (thrown instanceof StatusRuntimeException status) {
			return status.getStatus().getCode().name();
		}
		return (thrown != null) ? thrown.getClass().getName() : "";
	}

	/**
	 * Tell whether gRPC itself has refused a request. The method of a service may throw
	 * such an exception, too, which is no fault of the caller.
	 */
	private static boolean isOfGrpc(StatusRuntimeException thrown) {
		for (StackTraceElement frame : thrown.getStackTrace()) {
			String place = frame.getClassName();
			if (!place.startsWith(STATUS)) {
				return place.startsWith(GRPC);
			}
		}
		return false;
	}

	private static String text(Throwable thrown) {
		String text = (thrown instanceof StatusRuntimeException status) ? FailureCause.describe(status.getStatus())
				: FailureCause.of(thrown);
		return LogText.oneLine(String.valueOf(text), MAX_TEXT);
	}

}
