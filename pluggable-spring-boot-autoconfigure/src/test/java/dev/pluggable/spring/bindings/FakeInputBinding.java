package dev.pluggable.spring.bindings;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.pluggable.bindings.BindingEvent;
import dev.pluggable.bindings.BindingHandler;
import dev.pluggable.bindings.InputBinding;
import dev.pluggable.bindings.ReadRequest;
import dev.pluggable.bindings.Reading;
import dev.pluggable.spring.listener.FakeStream;
import org.jspecify.annotations.Nullable;

/**
 * An input binding whose events a test sends.
 */
class FakeInputBinding implements InputBinding {

	final List<FakeReading> readings = new CopyOnWriteArrayList<>();

	@Override
	public Reading read(ReadRequest request, BindingHandler handler) {
		FakeReading reading = new FakeReading(request, handler);
		this.readings.add(reading);
		return reading;
	}

	/**
	 * The request and the handler of a reading.
	 */
	static final class FakeReading extends FakeStream implements Reading {

		final ReadRequest request;

		private final BindingHandler handler;

		FakeReading(ReadRequest request, BindingHandler handler) {
			this.request = request;
			this.handler = handler;
		}

		CompletionStage<byte @Nullable []> send(String data, @Nullable String contentType) {
			begin();
			return handle(this.handler.handleAsync(
					new BindingEvent("e-1", data.getBytes(StandardCharsets.UTF_8), contentType, Map.of("path", "/a"))));
		}

	}

}
