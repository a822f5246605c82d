package dev.pluggable.kind;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import com.google.protobuf.StringValue;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class BlockingCallTests {

	private static final long PATIENCE_SECONDS = 30;

	private static final MethodDescriptor<StringValue, StringValue> METHOD = MethodDescriptor
		.<StringValue, StringValue>newBuilder()
		.setType(MethodDescriptor.MethodType.UNARY)
		.setFullMethodName("test.Test/Call")
		.setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
		.setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
		.build();

	private final ExecutorService other = Executors.newCachedThreadPool();

	private final FakeChannel channel = new FakeChannel();

	@AfterEach
	void close() throws InterruptedException {
		this.other.shutdownNow();
		assertThat(this.other.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenAnsweredThenCallbacksRunOnTheCallersThread() throws Exception {
		AtomicReference<Thread> thread = new AtomicReference<>();
		this.channel.onHalfClose = (call) -> this.other.execute(() -> call.executor.execute(() -> {
			thread.set(Thread.currentThread());
			call.listener.onMessage(StringValue.of("answer"));
			call.listener.onClose(Status.OK, new Metadata());
		}));
		assertThat(call()).isEqualTo(StringValue.of("answer"));
		assertThat(thread).hasValue(Thread.currentThread());
	}

	@Test
	void whenSeveralTasksComeThenAllRunInTheirOrder() {
		this.channel.onHalfClose = (call) -> {
			call.executor.execute(() -> {
			});
			call.executor.execute(() -> call.listener.onMessage(StringValue.of("answer")));
			call.executor.execute(() -> call.listener.onClose(Status.OK, new Metadata()));
		};
		assertThat(call()).isEqualTo(StringValue.of("answer"));
	}

	@Test
	void whenATaskComesAfterTheEndThenItRunsAtOnce() {
		this.channel.onHalfClose = (call) -> call.executor.execute(() -> {
			call.listener.onMessage(StringValue.of("answer"));
			call.listener.onClose(Status.OK, new Metadata());
		});
		call();
		CompletableFuture<Thread> late = new CompletableFuture<>();
		this.channel.last.executor.execute(() -> late.complete(Thread.currentThread()));
		assertThat(late).isCompletedWithValue(Thread.currentThread());
	}

	@Test
	void whenItFailsThenTheStatusAndTheTrailersAreThrown() {
		Metadata trailers = new Metadata();
		this.channel.onHalfClose = (call) -> call.executor
			.execute(() -> call.listener.onClose(Status.NOT_FOUND, trailers));
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(this::call).satisfies((ex) -> {
			assertThat(ex.getStatus()).isEqualTo(Status.NOT_FOUND);
			assertThat(ex.getTrailers()).isSameAs(trailers);
		});
	}

	@Test
	void whenItEndsWithoutAnAnswerThenThatIsAnError() {
		this.channel.onHalfClose = (call) -> call.executor
			.execute(() -> call.listener.onClose(Status.OK, new Metadata()));
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(this::call)
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL));
	}

	@Test
	void whenThereAreTwoAnswersThenTheSecondIsRefused() {
		AtomicReference<Throwable> refused = new AtomicReference<>();
		this.channel.onHalfClose = (call) -> call.executor.execute(() -> {
			call.listener.onMessage(StringValue.of("one"));
			try {
				call.listener.onMessage(StringValue.of("two"));
			}
			catch (StatusRuntimeException ex) {
				refused.set(ex);
			}
			call.listener.onClose(Status.CANCELLED.withCause(refused.get()), new Metadata());
		});
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(this::call).havingCause();
		assertThat(refused.get()).hasMessageContaining("more than one answer");
	}

	@Test
	void whenInterruptedThenTheCallIsCancelledAndTheThreadInterruptedStill() throws Exception {
		CountDownLatch started = new CountDownLatch(1);
		this.channel.onHalfClose = (call) -> started.countDown();
		AtomicReference<Thread> caller = new AtomicReference<>();
		Future<Boolean> interrupted = this.other.submit(() -> {
			caller.set(Thread.currentThread());
			assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(this::call)
				.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.CANCELLED));
			return Thread.interrupted();
		});
		assertThat(started.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
		caller.get().interrupt();
		assertThat(interrupted.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
	}

	@Test
	void whenAnotherThreadEndsTheCallWithoutTheExecutorThenTheCallerGoesOn() throws Exception {
		CompletableFuture<FakeCall> started = new CompletableFuture<>();
		this.channel.onHalfClose = started::complete;
		Future<Status> status = this.other.submit(() -> {
			try {
				call();
				return Status.OK;
			}
			catch (StatusRuntimeException ex) {
				return ex.getStatus();
			}
		});
		FakeCall call = started.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
		call.listener.onClose(Status.PERMISSION_DENIED, new Metadata());
		assertThat(status.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(Status.PERMISSION_DENIED);
	}

	@Test
	void whenItCannotBeSentThenTheCallIsCancelled() {
		IllegalStateException failure = new IllegalStateException("as it should");
		this.channel.onHalfClose = (call) -> {
			throw failure;
		};
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(this::call).isSameAs(failure);
		assertThat(this.channel.last.cancelled).isSameAs(failure);
	}

	private StringValue call() {
		return BlockingCall.call(this.channel, METHOD, CallOptions.DEFAULT, StringValue.of("request"));
	}

	private interface Action {

		void on(FakeCall call);

	}

	private static final class FakeChannel extends Channel {

		private Action onHalfClose = (call) -> {
		};

		private FakeCall last;

		@Override
		@SuppressWarnings("unchecked")
		public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
			this.last = new FakeCall(options.getExecutor(), this.onHalfClose);
			return (ClientCall<Q, R>) this.last;
		}

		@Override
		public String authority() {
			return "test";
		}

	}

	private static final class FakeCall extends ClientCall<StringValue, StringValue> {

		private final Executor executor;

		private final Action onHalfClose;

		private Listener<StringValue> listener;

		private Throwable cancelled;

		private FakeCall(Executor executor, Action onHalfClose) {
			this.executor = executor;
			this.onHalfClose = onHalfClose;
		}

		@Override
		public void start(Listener<StringValue> listener, Metadata headers) {
			this.listener = listener;
		}

		@Override
		public void request(int count) {
			assertThat(count).isEqualTo(2);
		}

		@Override
		public void cancel(String message, Throwable cause) {
			this.cancelled = cause;
			this.executor
				.execute(() -> this.listener.onClose(Status.CANCELLED.withDescription(message), new Metadata()));
		}

		@Override
		public void halfClose() {
			this.onHalfClose.on(this);
		}

		@Override
		public void sendMessage(StringValue message) {
			assertThat(message).isEqualTo(StringValue.of("request"));
		}

	}

}
