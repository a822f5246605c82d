package dev.pluggable.benchmarks;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/**
 * A hand-written subscription. It acknowledges each message when its handler has
 * returned, and requests another one.
 * <p>
 * If the handler runs on the thread that delivers the message, a blocking handler delays
 * all later messages: this is the floor for handlers that do not block. With an executor,
 * each handler runs on a thread of its own, and may block: this is the floor for handlers
 * that run at the same time.
 */
final class BareSubscription
		implements ClientResponseObserver<PubSubProto.PullMessagesRequest, PubSubProto.PullMessagesResponse> {

	private final int atATime;

	private final Executor threads;

	private final Consumer<byte[]> handler;

	private final CountDownLatch ended = new CountDownLatch(1);

	@SuppressWarnings("NullAway.Init")
	private volatile ClientCallStreamObserver<PubSubProto.PullMessagesRequest> requests;

	private BareSubscription(int atATime, Executor threads, Consumer<byte[]> handler) {
		this.atATime = atATime;
		this.threads = threads;
		this.handler = handler;
	}

	/**
	 * Subscribe.
	 * @param channel channel to the component
	 * @param topic the topic
	 * @param atATime number of messages to request in advance
	 * @param threads runs the handlers
	 * @param handler handles the data of each message
	 */
	static BareSubscription open(Channel channel, String topic, int atATime, Executor threads,
			Consumer<byte[]> handler) {
		BareSubscription subscription = new BareSubscription(atATime, threads, handler);
		PubSubGrpc.newStub(channel)
			.pullMessages(subscription)
			.onNext(PubSubProto.PullMessagesRequest.newBuilder()
				.setTopic(PubSubProto.Topic.newBuilder().setName(topic))
				.build());
		return subscription;
	}

	@Override
	public void beforeStart(ClientCallStreamObserver<PubSubProto.PullMessagesRequest> requests) {
		this.requests = requests;
		requests.disableAutoRequestWithInitial(this.atATime);
	}

	@Override
	public void onNext(PubSubProto.PullMessagesResponse message) {
		this.threads.execute(() -> handle(message));
	}

	private void handle(PubSubProto.PullMessagesResponse message) {
		this.handler.accept(message.getData().toByteArray());
		PubSubProto.PullMessagesRequest answer = PubSubProto.PullMessagesRequest.newBuilder()
			.setAckMessageId(message.getId())
			.build();
		// A stream takes one message at a time.
		synchronized (this.ended) {
			this.requests.onNext(answer);
		}
		this.requests.request(1);
	}

	@Override
	public void onError(Throwable failure) {
		this.ended.countDown();
	}

	@Override
	public void onCompleted() {
		this.ended.countDown();
	}

	void close() throws InterruptedException {
		this.requests.cancel("Enough", null);
		if (!this.ended.await(10, TimeUnit.SECONDS)) {
			throw new IllegalStateException("The stream does not end");
		}
	}

}
