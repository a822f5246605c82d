package dev.pluggable.internal.broker;

import java.util.ArrayList;
import java.util.List;

import dev.pluggable.internal.support.StatusLimit;
import io.grpc.Attributes;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ProxiedCall} between two calls that record.
 */
class ProxiedCallTests {

	private static final Metadata.Key<String> TEXT = Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER);

	private static final byte[] MESSAGE = { 1, 2, 3 };

	private final Caller caller = new Caller();

	private final Target target = new Target();

	private final ProxiedCall call = new ProxiedCall(this.caller, this.target, new StatusLimit());

	@Test
	void whenItStartsThenHeadersPassAndBothSidesAreAskedForOneMessage() {
		start();
		assertThat(this.target.headers.get(TEXT)).isEqualTo("request");
		assertThat(this.target.asked).containsExactly("start", "request 1");
		assertThat(this.caller.asked).containsExactly("request 1");
	}

	@Test
	void whenMessagesComeThenTheyPassAndTheNextIsAskedFor() {
		start();
		this.call.onMessage(MESSAGE);
		this.target.listener().onHeaders(headers("response"));
		this.target.listener().onMessage(MESSAGE);
		assertThat(this.target.asked).containsExactly("start", "request 1", "send 3", "request 1");
		assertThat(this.caller.asked).containsExactly("request 1", "request 1", "headers response", "send 3");
	}

	@Test
	void whenTheTargetTakesNoMoreThenTheCallerPauses() {
		start();
		this.target.ready = false;
		this.call.onMessage(MESSAGE);
		assertThat(this.caller.asked).containsExactly("request 1");
		this.target.ready = true;
		this.target.listener().onReady();
		this.target.listener().onReady();
		assertThat(this.caller.asked).containsExactly("request 1", "request 1");
	}

	@Test
	void whenTheCallerTakesNoMoreThenTheTargetPauses() {
		start();
		this.caller.ready = false;
		this.target.listener().onMessage(MESSAGE);
		assertThat(this.target.asked).containsExactly("start", "request 1");
		this.caller.ready = true;
		this.call.onReady();
		this.call.onReady();
		assertThat(this.target.asked).containsExactly("start", "request 1", "request 1");
	}

	@Test
	void whenTheCallerHasSentAllThenTheTargetLearnsIt() {
		start();
		this.call.onHalfClose();
		assertThat(this.target.asked).endsWith("half-close");
	}

	@Test
	void whenTheCallerCancelsThenTheTargetIsCancelled() {
		start();
		this.call.onCancel();
		assertThat(this.target.asked).endsWith("cancel");
	}

	@Test
	void whenTheTargetEndsThenStatusAndTrailersPass() {
		start();
		this.target.listener().onClose(Status.NOT_FOUND, headers("trailer"));
		assertThat(this.caller.asked).endsWith("close NOT_FOUND trailer");
	}

	private void start() {
		this.call.start(headers("request"));
	}

	private static Metadata headers(String text) {
		Metadata headers = new Metadata();
		headers.put(TEXT, text);
		return headers;
	}

	private static final class Caller extends ServerCall<byte[], byte[]> {

		private final List<String> asked = new ArrayList<>();

		private boolean ready = true;

		@Override
		public void request(int count) {
			this.asked.add("request " + count);
		}

		@Override
		public void sendHeaders(Metadata headers) {
			this.asked.add("headers " + headers.get(TEXT));
		}

		@Override
		public void sendMessage(byte[] message) {
			this.asked.add("send " + message.length);
		}

		@Override
		public void close(Status status, Metadata trailers) {
			this.asked.add("close " + status.getCode() + " " + trailers.get(TEXT));
		}

		@Override
		public boolean isReady() {
			return this.ready;
		}

		@Override
		public boolean isCancelled() {
			return false;
		}

		@Override
		public Attributes getAttributes() {
			return Attributes.EMPTY;
		}

		@Override
		public MethodDescriptor<byte[], byte[]> getMethodDescriptor() {
			throw new UnsupportedOperationException();
		}

	}

	private static final class Target extends ClientCall<byte[], byte[]> {

		private final List<String> asked = new ArrayList<>();

		private boolean ready = true;

		private Metadata headers = new Metadata();

		private @Nullable Listener<byte[]> listener;

		Listener<byte[]> listener() {
			assertThat(this.listener).isNotNull();
			return this.listener;
		}

		@Override
		public void start(Listener<byte[]> listener, Metadata headers) {
			this.asked.add("start");
			this.listener = listener;
			this.headers = headers;
		}

		@Override
		public void request(int count) {
			this.asked.add("request " + count);
		}

		@Override
		public void cancel(@Nullable String message, @Nullable Throwable cause) {
			this.asked.add("cancel");
		}

		@Override
		public void halfClose() {
			this.asked.add("half-close");
		}

		@Override
		public void sendMessage(byte[] message) {
			this.asked.add("send " + message.length);
		}

		@Override
		public boolean isReady() {
			return this.ready;
		}

	}

}
