package org.example;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import com.google.protobuf.DoubleValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.pluggable.ComponentInstances;
import dev.pluggable.Draining;
import dev.pluggable.kind.ServiceCalls;
import dev.pluggable.stream.Unanswered;
import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/**
 * Offers implementations of {@link Thermometer} to other processes.
 */
final class ThermometerService implements BindableService {

	private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(10);

	private final ServiceCalls<Thermometer> calls;

	ThermometerService(ComponentInstances<Thermometer> instances) {
		this.calls = new ServiceCalls<>("thermometer", instances, (ex, message) -> (ex instanceof NoSuchRoomException)
				? ServiceCalls.status(Status.Code.NOT_FOUND, message) : null);
	}

	@Override
	public ServerServiceDefinition bindService() {
		return ServerServiceDefinition.builder(ThermometerContract.DESCRIPTOR)
			.addMethod(ThermometerContract.INIT, ServerCalls.asyncUnaryCall(this::init))
			.addMethod(ThermometerContract.READ, ServerCalls.asyncUnaryCall(this::read))
			.addMethod(ThermometerContract.ALARMS, ServerCalls.asyncBidiStreamingCall(this::alarms))
			.build();
	}

	private void init(Struct settings, StreamObserver<StringValue> observer) {
		Map<String, String> metadata = settings.getFieldsMap()
			.entrySet()
			.stream()
			.collect(Collectors.toMap(Map.Entry::getKey, (entry) -> entry.getValue().getStringValue()));
		this.calls.initialize(metadata, StringValue.of("MODEL_1"), observer);
	}

	private void read(StringValue room, StreamObserver<DoubleValue> observer) {
		this.calls.answer("Read", observer, (thermometer) -> DoubleValue.of(thermometer.celsius(room.getValue())));
	}

	private StreamObserver<StringValue> alarms(StreamObserver<Struct> observer) {
		Unanswered<Void> unanswered = new Unanswered<>(2);
		Thermometer thermometer = this.calls.current(observer);
		Draining reading = (thermometer != null)
				? thermometer.alarms(ANSWER_TIMEOUT, (text) -> send(unanswered, observer, text)) : null;
		return new StreamObserver<>() {

			@Override
			public void onNext(StringValue id) {
				CompletableFuture<Void> answer = unanswered.take(id.getValue());
				if (answer != null) {
					answer.complete(null);
				}
			}

			@Override
			public void onError(Throwable failure) {
				end();
			}

			@Override
			public void onCompleted() {
				end();
				observer.onCompleted();
			}

			private void end() {
				unanswered.takeAll((answer) -> answer.cancel(false));
				if (reading != null) {
					reading.drain(Duration.ZERO);
				}
			}

		};
	}

	/**
	 * Send an alarm and wait for its answer.
	 */
	private static void send(Unanswered<Void> unanswered, StreamObserver<Struct> observer, String text) {
		try {
			Unanswered.Expected<Void> expected = unanswered.expect(ANSWER_TIMEOUT);
			if (expected == null) {
				throw new IllegalStateException("too many alarms have no answer");
			}
			Struct alarm = Struct.newBuilder()
				.putFields("id", Value.newBuilder().setStringValue(expected.id()).build())
				.putFields("text", Value.newBuilder().setStringValue(text).build())
				.build();
			synchronized (observer) {
				observer.onNext(alarm);
			}
			expected.answer().join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
