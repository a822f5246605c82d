package org.example;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import dev.pluggable.ComponentClient;
import dev.pluggable.Draining;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.stream.HandlerRunner;
import dev.pluggable.stream.ReopeningStream;
import dev.pluggable.stream.Settlement;
import dev.pluggable.stream.StreamProtocol;
import io.grpc.MethodDescriptor;
import io.grpc.Status;

/**
 * The proxy of a thermometer in another process.
 */
final class GrpcThermometer implements Thermometer, Draining {

	private final ComponentClient client;

	private final ComponentCalls calls;

	private final Queue<Alarms> open = new ConcurrentLinkedQueue<>();

	GrpcThermometer(ComponentClient client) {
		this.client = client;
		this.calls = new ComponentCalls(client,
				(failure) -> (failure.code() == Status.Code.NOT_FOUND) ? new NoSuchRoomException(failure) : null);
	}

	@Override
	public double celsius(String room) {
		return this.calls.unary(ThermometerContract.READ, StringValue.of(room)).getValue();
	}

	@Override
	public Draining alarms(Duration timeout, Consumer<String> handler) {
		Alarms alarms = new Alarms(this.client, timeout, handler);
		this.open.add(alarms);
		alarms.stream.start();
		return alarms;
	}

	@Override
	public CompletionStage<?> drain(Duration grace) {
		return CompletableFuture.allOf(this.open.stream()
			.map((alarms) -> alarms.drain(grace).toCompletableFuture())
			.toArray(CompletableFuture<?>[]::new));
	}

	/**
	 * A stream of alarms.
	 */
	private static final class Alarms implements Draining, StreamProtocol<StringValue, Struct> {

		private final ReopeningStream<StringValue, Struct> stream;

		private final HandlerRunner runner;

		private final Consumer<String> handler;

		Alarms(ComponentClient client, Duration timeout, Consumer<String> handler) {
			this.stream = new ReopeningStream<>(client, "stream of alarms", 2, this);
			this.runner = this.stream.handlerRunner(timeout);
			this.handler = handler;
		}

		@Override
		public MethodDescriptor<StringValue, Struct> method() {
			return ThermometerContract.ALARMS;
		}

		@Override
		public StringValue opening() {
			return null;
		}

		@Override
		public void handle(Struct alarm, Settlement<StringValue> settlement) {
			String id = alarm.getFieldsOrThrow("id").getStringValue();
			this.runner.run(settlement, () -> {
				this.handler.accept(alarm.getFieldsOrThrow("text").getStringValue());
				return CompletableFuture.completedFuture(StringValue.of(id));
			});
		}

		@Override
		public void abandon() {
			this.runner.stopAll();
		}

		@Override
		public CompletionStage<?> drain(Duration grace) {
			return this.stream.drain(grace);
		}

	}

}
