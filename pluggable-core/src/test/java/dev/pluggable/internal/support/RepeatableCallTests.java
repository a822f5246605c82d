package dev.pluggable.internal.support;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RepeatableCall}.
 */
class RepeatableCallTests {

	private static final Metadata.Key<String> USER = Metadata.Key.of("user", Metadata.ASCII_STRING_MARSHALLER);

	private static final Metadata.Key<String> ADDED = Metadata.Key.of("added", Metadata.ASCII_STRING_MARSHALLER);

	private static final Context.Key<String> TENANT = Context.key("tenant");

	private final List<FakeCall> calls = new ArrayList<>();

	private final List<String> heard = new ArrayList<>();

	/**
	 * Run while the next attempt starts, as if the caller went on at that moment.
	 */
	private Runnable whileStarting = () -> {
	};

	private ClientCall<String, String> start() {
		ClientCall<String, String> call = new TestCall(true);
		call.start(new Heard(), headers("anna"));
		return call;
	}

	private static Metadata headers(String user) {
		Metadata headers = new Metadata();
		headers.put(USER, user);
		return headers;
	}

	@Test
	void whenAnAttemptIsRefusedThenTheNextReceivesAllThatWasSent() {
		ClientCall<String, String> call = start();
		call.request(2);
		call.sendMessage("a");
		call.halfClose();
		this.calls.get(0).refuse();
		assertThat(this.calls).hasSize(2);
		assertThat(this.calls.get(1).got).containsExactly("start anna x", "request 2", "send a", "half-close");
		this.calls.get(1).answer("b");
		assertThat(this.heard).containsExactly("headers", "message b", "OK");
	}

	@Test
	void whenTheCallerGoesOnDuringTheRepetitionThenTheOrderIsKept() {
		ClientCall<String, String> call = start();
		call.sendMessage("a");
		this.whileStarting = () -> {
			call.request(1);
			call.sendMessage("b");
			call.sendMessage("c");
			call.halfClose();
		};
		this.calls.get(0).refuse();
		assertThat(this.calls.get(1).got).containsExactly("start anna x", "request 1", "send a", "send b", "send c",
				"half-close");
	}

	@Test
	void whenTheCallGoesOnAfterTheRepetitionThenItGoesToTheLastAttempt() {
		ClientCall<String, String> call = start();
		call.sendMessage("a");
		this.calls.get(0).refuse();
		call.sendMessage("b");
		this.calls.get(1).refuse();
		call.halfClose();
		assertThat(this.calls.get(1).got).containsExactly("start anna x", "send a", "send b");
		assertThat(this.calls.get(2).got).containsExactly("start anna x", "send a", "send b", "half-close");
	}

	@Test
	void whenTheServerHasAnsweredThenTheCallIsNotRepeated() {
		ClientCall<String, String> call = start();
		call.sendMessage("a");
		this.calls.get(0).listener().onHeaders(new Metadata());
		this.calls.get(0).refuse();
		assertThat(this.calls).hasSize(1);
		assertThat(this.heard).containsExactly("headers", "UNAVAILABLE");
	}

	@Test
	void whenAStreamHasSentManyMessagesThenItIsNotRepeated() {
		ClientCall<String, String> call = start();
		for (int i = 0; i < 20; i++) {
			call.sendMessage("m" + i);
		}
		assertThat(this.calls.get(0).got).hasSize(21);
		this.calls.get(0).refuse();
		assertThat(this.calls).hasSize(1);
	}

	@Test
	void whenManyMessagesComeDuringTheRepetitionThenNoneIsLost() {
		ClientCall<String, String> call = start();
		this.whileStarting = () -> {
			for (int i = 0; i < 20; i++) {
				call.sendMessage("m" + i);
			}
		};
		this.calls.get(0).refuse();
		call.sendMessage("last");
		assertThat(this.calls.get(1).got).hasSize(22).endsWith("send m19", "send last");
		this.calls.get(1).refuse();
		assertThat(this.calls).hasSize(2);
	}

	@Test
	void whenEachAttemptIsRefusedThenTheCallEnds() {
		start();
		for (int i = 0; i < 5; i++) {
			this.calls.get(i).refuse();
		}
		assertThat(this.calls).hasSize(5);
		assertThat(this.heard).containsExactly("UNAVAILABLE");
	}

	@Test
	void whenTheCallIsCancelledThenItIsNotRepeated() {
		ClientCall<String, String> call = start();
		call.cancel("enough", null);
		this.calls.get(0).refuse();
		assertThat(this.calls).hasSize(1);
		assertThat(this.calls.get(0).got).endsWith("cancel enough");
	}

	@Test
	void whenTheCallIsCancelledDuringTheRepetitionThenTheNextAttemptIsCancelled() {
		ClientCall<String, String> call = start();
		this.whileStarting = () -> call.cancel("enough", null);
		this.calls.get(0).refuse();
		assertThat(this.calls.get(0).got).doesNotContain("cancel enough");
		assertThat(this.calls.get(1).got).containsExactly("start anna x", "cancel enough");
	}

	@Test
	void whenTheCallCannotBeRepeatedThenItKeepsNothing() {
		ClientCall<String, String> call = new TestCall(false);
		call.start(new Heard(), new Metadata());
		call.sendMessage("a");
		call.halfClose();
		assertThat(this.calls.get(0).got).containsExactly("start null x", "send a", "half-close");
		this.calls.get(0).refuse();
		assertThat(this.heard).containsExactly("UNAVAILABLE");
	}

	@Test
	void whenTheCallIsRepeatedThenTheContextIsThatOfTheCaller() {
		Context.current().withValue(TENANT, "t1").run(this::start);
		this.calls.get(0).refuse();
		assertThat(this.calls).extracting((call) -> call.tenant).containsExactly("t1", "t1");
	}

	@Test
	void whenTheNextAttemptCannotBeMadeThenTheCallEnds() {
		start();
		this.whileStarting = () -> {
			throw Status.INTERNAL.asRuntimeException();
		};
		this.calls.get(0).refuse();
		assertThat(this.heard).containsExactly("INTERNAL");
	}

	@Test
	void whenAnAttemptFailsDuringItsReplayThenTheNextReceivesEverythingOnce() throws Exception {
		ClientCall<String, String> call = start();
		call.sendMessage("a");
		CountDownLatch thirdStarts = new CountDownLatch(1);
		CountDownLatch sent = new CountDownLatch(1);
		AtomicReference<@Nullable CompletableFuture<Void>> refusal = new AtomicReference<>();
		this.whileStarting = () -> {
			this.whileStarting = () -> {
				thirdStarts.countDown();
				await(sent);
			};
			refusal.set(CompletableFuture.runAsync(this.calls.get(1)::refuse, (task) -> new Thread(task).start()));
			await(thirdStarts);
		};
		this.calls.get(0).refuse();
		call.sendMessage("b");
		call.halfClose();
		sent.countDown();
		assertThat(refusal.get()).succeedsWithin(Duration.ofSeconds(20));
		assertThat(this.calls.get(2).got).containsExactly("start anna x", "send a", "send b", "half-close");
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private ClientCall<String, String> next() {
		FakeCall call = new FakeCall();
		this.calls.add(call);
		return call;
	}

	private final class TestCall extends RepeatableCall<String, String> {

		TestCall(boolean repeatable) {
			super(next(), repeatable);
		}

		@Override
		protected void addHeaders(Metadata headers) {
			headers.put(ADDED, "x");
		}

		@Override
		protected Attempt firstAttempt() {
			return new TestAttempt();
		}

		private final class TestAttempt extends Attempt {

			@Override
			protected ClientCall<String, String> newCall() {
				return next();
			}

			@Override
			public void onClose(Status status, Metadata trailers) {
				if (status.isOk() || !repeat(new TestAttempt())) {
					listener().onClose(status, trailers);
				}
			}

		}

	}

	private final class Heard extends ClientCall.Listener<String> {

		@Override
		public void onHeaders(Metadata headers) {
			RepeatableCallTests.this.heard.add("headers");
		}

		@Override
		public void onMessage(String message) {
			RepeatableCallTests.this.heard.add("message " + message);
		}

		@Override
		public void onClose(Status status, Metadata trailers) {
			RepeatableCallTests.this.heard.add(status.getCode().toString());
		}

	}

	private final class FakeCall extends ClientCall<String, String> {

		private final List<String> got = new ArrayList<>();

		private final @Nullable String tenant = TENANT.get();

		private @Nullable Listener<String> listener;

		private Listener<String> listener() {
			assertThat(this.listener).isNotNull();
			return this.listener;
		}

		void refuse() {
			listener().onClose(Status.UNAVAILABLE, new Metadata());
		}

		void answer(String message) {
			listener().onHeaders(new Metadata());
			listener().onMessage(message);
			listener().onClose(Status.OK, new Metadata());
		}

		@Override
		public void start(Listener<String> listener, Metadata headers) {
			this.listener = listener;
			this.got.add("start " + headers.get(USER) + " " + headers.get(ADDED));
			if (RepeatableCallTests.this.calls.size() > 1) {
				Runnable task = RepeatableCallTests.this.whileStarting;
				RepeatableCallTests.this.whileStarting = () -> {
				};
				task.run();
			}
		}

		@Override
		public void request(int count) {
			this.got.add("request " + count);
		}

		@Override
		public void cancel(@Nullable String message, @Nullable Throwable cause) {
			this.got.add("cancel " + message);
		}

		@Override
		public void halfClose() {
			this.got.add("half-close");
		}

		@Override
		public void sendMessage(String message) {
			this.got.add("send " + message);
		}

	}

}
