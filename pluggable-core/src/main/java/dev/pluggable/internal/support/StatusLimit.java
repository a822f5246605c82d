package dev.pluggable.internal.support;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.ToIntFunction;

import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/**
 * Cuts the text and leaves out trailers of a status that is too large for the caller, and
 * leaves out headers of answers. The caller would see neither code nor text of such a
 * status, only the end of the stream, and may end the connection with all its calls.
 * Learns the limit of the caller from the first call. Safe for use by many threads.
 */
public final class StatusLimit extends Caller implements ServerInterceptor {

	/** The end of a text that was cut. */
	static final String CUT = "...";

	private static final Metadata.Key<String> USER_AGENT = Metadata.Key.of("user-agent",
			Metadata.ASCII_STRING_MARSHALLER);

	/** HTTP/2 adds this number of bytes to the size of each entry. */
	private static final int ENTRY = 32;

	/** Space for the entries that gRPC adds by itself. */
	private static final int OTHER_ENTRIES = 512;

	/** The text keeps at least this space, even if trailers are left out for it. */
	private static final int LEAST_TEXT = 1024;

	/**
	 * Learn the limit of the caller from the first call.
	 * @param headers headers of a call
	 */
	public void learn(Metadata headers) {
		if (isNew()) {
			learn(headers.get(USER_AGENT));
		}
	}

	@Override
	public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
			ServerCallHandler<Q, R> next) {
		learn(headers);
		return next.startCall(new ForwardingServerCall.SimpleForwardingServerCall<>(call) {

			@Override
			public void sendHeaders(Metadata headers) {
				StatusLimit.this.sendHeaders(delegate(), headers);
			}

			@Override
			public void close(Status status, Metadata trailers) {
				StatusLimit.this.close(delegate(), status, trailers);
			}

		}, headers);
	}

	/**
	 * Close a call with what the caller accepts.
	 * @param call the call
	 * @param status the status
	 * @param trailers the trailers
	 */
	public void close(ServerCall<?, ?> call, Status status, Metadata trailers) {
		Fitted fitted = fit(status, trailers, limit());
		call.close(fitted.status(), fitted.trailers());
	}

	/**
	 * Send the headers of an answer, as far as the caller accepts them.
	 * @param call the call
	 * @param headers the headers
	 */
	public void sendHeaders(ServerCall<?, ?> call, Metadata headers) {
		call.sendHeaders(fit(Status.OK, headers, limit()).trailers());
	}

	/**
	 * Cut a status for the caller of the current call.
	 * @param status the status with its trailers
	 * @return the same exception if the caller accepts its size
	 */
	public static StatusRuntimeException fit(StatusRuntimeException status) {
		Metadata trailers = Objects.requireNonNullElseGet(status.getTrailers(), Metadata::new);
		Fitted fitted = fit(status.getStatus(), trailers, maxMetadata());
		return (fitted.status() == status.getStatus() && fitted.trailers() == trailers) ? status
				: fitted.status().asRuntimeException(fitted.trailers());
	}

	private static Fitted fit(Status status, Metadata trailers, int limit) {
		String text = text(status);
		if (text.isEmpty() && trailers.keys().isEmpty()) {
			return new Fitted(status, trailers);
		}
		List<Entry<?>> entries = entries(trailers);
		long space = Math.max(0, limit - OTHER_ENTRIES);
		long textSize = size(text);
		boolean complete = entries.size() == trailers.keys().size();
		if (complete && textSize + size(entries) <= space) {
			return new Fitted(status, trailers);
		}
		// The size of an entry that no key can read is not known.
		long left = space - Math.min(textSize, LEAST_TEXT);
		Metadata kept = new Metadata();
		entries.sort(Comparator.comparingLong(Entry::size));
		for (Entry<?> entry : entries) {
			if (entry.size() <= left) {
				left -= entry.size();
				entry.copyTo(kept);
			}
		}
		String cut = cut(text, left + Math.min(textSize, LEAST_TEXT));
		return new Fitted(cut.equals(text) ? status : status.withDescription(cut), kept);
	}

	/**
	 * Tell whether a status that has arrived is larger than a limit.
	 * @param status the status
	 * @param trailers the trailers
	 * @param limit the limit in bytes
	 * @return {@code true} if so
	 */
	public static boolean isAbove(Status status, Metadata trailers, int limit) {
		return size(text(status)) + size(entries(trailers)) > limit;
	}

	private static String text(Status status) {
		return Objects.requireNonNullElse(status.getDescription(), "");
	}

	private static List<Entry<?>> entries(Metadata trailers) {
		List<Entry<?>> entries = new ArrayList<>();
		for (String name : trailers.keys()) {
			try {
				entries.add(entry(trailers, name));
			}
			catch (IllegalArgumentException ex) {
				// Only HTTP allows the name, and no caller can read the entry by a key.
			}
		}
		return entries;
	}

	private static long size(List<Entry<?>> entries) {
		return entries.stream().mapToLong(Entry::size).sum();
	}

	private static Entry<?> entry(Metadata trailers, String name) {
		if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
			return entry(trailers, Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER),
					(value) -> (value.length + 2) / 3 * 4);
		}
		return entry(trailers, Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), String::length);
	}

	private static <V> Entry<V> entry(Metadata trailers, Metadata.Key<V> key, ToIntFunction<V> length) {
		List<V> values = new ArrayList<>();
		Objects.requireNonNull(trailers.getAll(key)).forEach(values::add);
		long size = values.stream().mapToLong((value) -> key.name().length() + ENTRY + length.applyAsInt(value)).sum();
		return new Entry<>(key, values, size);
	}

	/**
	 * The size of a text in a trailer, where each byte that is not printable ASCII takes
	 * three.
	 */
	private static long size(String text) {
		return text.codePoints().mapToLong(StatusLimit::size).sum();
	}

	private static int size(int character) {
		boolean plain = character >= ' ' && character <= '~' && character != '%';
		return plain ? 1 : 3 * Character.toString(character).getBytes(StandardCharsets.UTF_8).length;
	}

	private static String cut(String text, long space) {
		if (size(text) <= space) {
			return text;
		}
		long left = space - CUT.length();
		int end = 0;
		while (end < text.length()) {
			int character = text.codePointAt(end);
			left -= size(character);
			if (left < 0) {
				break;
			}
			end += Character.charCount(character);
		}
		return text.substring(0, end) + CUT;
	}

	private record Entry<V>(Metadata.Key<V> key, List<V> values, long size) {

		void copyTo(Metadata metadata) {
			this.values.forEach((value) -> metadata.put(this.key, value));
		}

	}

	private record Fitted(Status status, Metadata trailers) {
	}

}
