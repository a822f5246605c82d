package dev.pluggable.pubsub;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.google.protobuf.ByteString;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import dev.pluggable.transport.TransportType;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A pub/sub component on a real socket, whose streams the test writes.
 */
public final class ScriptedPubSub extends PubSubGrpc.PubSubImplBase implements AutoCloseable {

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final Server server;

	private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();

	/** The published messages, in order. */
	public final List<PubSubProto.PublishRequest> published = new CopyOnWriteArrayList<>();

	/** Names of the calls that are not streams, in order. */
	public final List<String> calls = new CopyOnWriteArrayList<>();

	/** The number of streams that were opened. */
	public final AtomicInteger opened = new AtomicInteger();

	/** The answer to Publish. */
	public volatile Status publishStatus = Status.OK;

	/** The status with which PullMessages ends at once, unless it is OK. */
	public volatile Status pullStatus = Status.OK;

	/** Whether the component offers Pause and Resume. */
	public volatile boolean pausable;

	public ScriptedPubSub(Path socket) {
		this(socket, null);
	}

	/**
	 * Serve a component that ends its connections in peace.
	 * @param age the maximum age of a connection, {@code null} for none
	 */
	public ScriptedPubSub(Path socket, @Nullable Duration age) {
		try {
			Files.deleteIfExists(socket);
			NettyServerBuilder builder = this.transport.server(socket)
				.addService(this)
				.addService(ProtoReflectionServiceV1.newInstance());
			if (age != null) {
				builder.maxConnectionAge(age.toMillis(), TimeUnit.MILLISECONDS);
			}
			this.server = builder.build().start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * The next stream that was opened.
	 */
	public Stream stream() {
		try {
			Stream stream = this.streams.poll(20, TimeUnit.SECONDS);
			assertThat(stream).as("a stream").isNotNull();
			return stream;
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * End at once, like a killed process.
	 */
	@Override
	public void close() {
		this.server.shutdownNow();
		try {
			this.server.awaitTermination(5, TimeUnit.SECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.transport.close();
	}

	@Override
	public void init(PubSubProto.PubSubInitRequest request, StreamObserver<PubSubProto.PubSubInitResponse> observer) {
		answer(observer, PubSubProto.PubSubInitResponse.getDefaultInstance());
	}

	@Override
	public void features(CommonProto.FeaturesRequest request, StreamObserver<CommonProto.FeaturesResponse> observer) {
		answer(observer, CommonProto.FeaturesResponse.getDefaultInstance());
	}

	@Override
	public void publish(PubSubProto.PublishRequest request, StreamObserver<PubSubProto.PublishResponse> observer) {
		if (!this.publishStatus.isOk()) {
			observer.onError(this.publishStatus.asException());
			return;
		}
		this.published.add(request);
		answer(observer, PubSubProto.PublishResponse.getDefaultInstance());
	}

	@Override
	public void pause(PubSubProto.PauseRequest request, StreamObserver<PubSubProto.PauseResponse> observer) {
		this.calls.add("Pause");
		if (this.pausable) {
			answer(observer, PubSubProto.PauseResponse.getDefaultInstance());
		}
		else {
			super.pause(request, observer);
		}
	}

	@Override
	public void resume(PubSubProto.ResumeRequest request, StreamObserver<PubSubProto.ResumeResponse> observer) {
		this.calls.add("Resume");
		if (this.pausable) {
			answer(observer, PubSubProto.ResumeResponse.getDefaultInstance());
		}
		else {
			super.resume(request, observer);
		}
	}

	@Override
	public StreamObserver<PubSubProto.PullMessagesRequest> pullMessages(
			StreamObserver<PubSubProto.PullMessagesResponse> observer) {
		this.opened.incrementAndGet();
		Status status = this.pullStatus;
		Stream stream = new Stream((ServerCallStreamObserver<PubSubProto.PullMessagesResponse>) observer,
				status.isOk());
		if (!status.isOk()) {
			observer.onError(status.asException());
		}
		return stream;
	}

	private static <R> void answer(StreamObserver<R> observer, R response) {
		observer.onNext(response);
		observer.onCompleted();
	}

	/**
	 * One stream, which the test writes.
	 */
	public final class Stream implements StreamObserver<PubSubProto.PullMessagesRequest> {

		private final ServerCallStreamObserver<PubSubProto.PullMessagesResponse> observer;

		/** The answers of the host, in order. */
		public final BlockingQueue<PubSubProto.PullMessagesRequest> answers = new LinkedBlockingQueue<>();

		public volatile PubSubProto.Topic topic;

		public volatile boolean halfClosed;

		public volatile boolean cancelled;

		private final boolean accepted;

		private final Semaphore ready = new Semaphore(0);

		private Stream(ServerCallStreamObserver<PubSubProto.PullMessagesResponse> observer, boolean accepted) {
			this.observer = observer;
			this.accepted = accepted;
			observer.setOnCancelHandler(() -> this.cancelled = true);
			observer.setOnReadyHandler(this.ready::release);
		}

		@Override
		public void onNext(PubSubProto.PullMessagesRequest request) {
			if (this.topic == null) {
				this.topic = request.getTopic();
				if (this.accepted) {
					ScriptedPubSub.this.streams.add(this);
				}
			}
			else {
				this.answers.add(request);
			}
		}

		@Override
		public void onError(Throwable failure) {
			this.cancelled = true;
		}

		@Override
		public void onCompleted() {
			this.halfClosed = true;
			complete();
		}

		public synchronized void send(String id, String data) {
			send(PubSubProto.PullMessagesResponse.newBuilder()
				.setId(id)
				.setTopicName("orders")
				.setData(ByteString.copyFromUtf8(data))
				.build());
		}

		public synchronized void send(PubSubProto.PullMessagesResponse message) {
			this.observer.onNext(message);
		}

		public boolean isReady() {
			return this.observer.isReady();
		}

		/**
		 * Wait until the host takes more messages, without use of the processor.
		 */
		public void awaitReady() {
			try {
				while (!isReady()) {
					assertThat(this.ready.tryAcquire(20, TimeUnit.SECONDS)).as("the host takes messages").isTrue();
				}
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		public synchronized void complete() {
			if (!this.cancelled) {
				this.observer.onCompleted();
			}
		}

		public synchronized void fail(Status status) {
			this.observer.onError(status.asException());
		}

		/**
		 * The next answer of the host.
		 */
		public PubSubProto.PullMessagesRequest answer() {
			try {
				PubSubProto.PullMessagesRequest answer = this.answers.poll(20, TimeUnit.SECONDS);
				assertThat(answer).as("an answer").isNotNull();
				return answer;
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
