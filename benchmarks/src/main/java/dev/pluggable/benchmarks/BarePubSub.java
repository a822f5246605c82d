package dev.pluggable.benchmarks;

import java.nio.ByteBuffer;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * Sends messages to each subscriber: as many as flow control permits, or at the rate in
 * the name of the topic ({@code rate-1000} is 1,000 per second). Each message contains
 * the time at which it was sent. All processes of a Linux machine share the clock of
 * {@link System#nanoTime()}.
 */
final class BarePubSub extends PubSubGrpc.PubSubImplBase {

	/** Topic whose messages are sent as fast as the subscriber takes them. */
	static final String FLOOD = "flood";

	/** Prefix of the names of topics with a rate. */
	static final String RATE = "rate-";

	private static final int SIZE = 100;

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor((task) -> {
		Thread thread = new Thread(task, "rate");
		thread.setDaemon(true);
		return thread;
	});

	@Override
	public void init(PubSubProto.PubSubInitRequest request, StreamObserver<PubSubProto.PubSubInitResponse> observer) {
		BareComponent.answer(observer, PubSubProto.PubSubInitResponse.getDefaultInstance());
	}

	@Override
	public void features(CommonProto.FeaturesRequest request, StreamObserver<CommonProto.FeaturesResponse> observer) {
		BareComponent.answer(observer, CommonProto.FeaturesResponse.getDefaultInstance());
	}

	@Override
	public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
		BareComponent.answer(observer, CommonProto.PingResponse.getDefaultInstance());
	}

	@Override
	public void publish(PubSubProto.PublishRequest request, StreamObserver<PubSubProto.PublishResponse> observer) {
		BareComponent.answer(observer, PubSubProto.PublishResponse.getDefaultInstance());
	}

	@Override
	public StreamObserver<PubSubProto.PullMessagesRequest> pullMessages(
			StreamObserver<PubSubProto.PullMessagesResponse> observer) {
		Subscriber subscriber = new Subscriber((ServerCallStreamObserver<PubSubProto.PullMessagesResponse>) observer);
		subscriber.observer.setOnReadyHandler(subscriber::send);
		subscriber.observer.setOnCancelHandler(subscriber::end);
		return subscriber;
	}

	private final class Subscriber implements StreamObserver<PubSubProto.PullMessagesRequest> {

		private final ServerCallStreamObserver<PubSubProto.PullMessagesResponse> observer;

		private String topic = "";

		private long id;

		private volatile @Nullable ScheduledFuture<?> ticks;

		Subscriber(ServerCallStreamObserver<PubSubProto.PullMessagesResponse> observer) {
			this.observer = observer;
		}

		@Override
		public void onNext(PubSubProto.PullMessagesRequest request) {
			if (!request.hasTopic()) {
				return;
			}
			this.topic = request.getTopic().getName();
			if (this.topic.startsWith(RATE)) {
				long perSecond = Long.parseLong(this.topic.substring(RATE.length()));
				long micros = Math.max(1, TimeUnit.SECONDS.toMicros(1) / perSecond);
				this.ticks = BarePubSub.this.timer.scheduleAtFixedRate(this::sendOne, 0, micros, TimeUnit.MICROSECONDS);
			}
			send();
		}

		void send() {
			if (this.topic.equals(FLOOD)) {
				while (this.observer.isReady()) {
					sendOne();
				}
			}
		}

		private void sendOne() {
			if (this.observer.isCancelled()) {
				end();
				return;
			}
			byte[] data = new byte[SIZE];
			ByteBuffer.wrap(data).putLong(System.nanoTime());
			ByteString bytes = UnsafeByteOperations.unsafeWrap(data);
			this.observer.onNext(PubSubProto.PullMessagesResponse.newBuilder()
				.setId(Long.toString(++this.id))
				.setTopicName(this.topic)
				.setData(bytes)
				.build());
		}

		void end() {
			ScheduledFuture<?> ticks = this.ticks;
			if (ticks != null) {
				ticks.cancel(false);
			}
		}

		@Override
		public void onError(Throwable failure) {
			end();
		}

		@Override
		public void onCompleted() {
			end();
			this.observer.onCompleted();
		}

	}

}
