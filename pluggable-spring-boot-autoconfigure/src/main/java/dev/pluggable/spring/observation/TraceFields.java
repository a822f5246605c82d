package dev.pluggable.spring.observation;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;

import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * The trace of the calling thread, in the fields of the application's propagator, such as
 * {@code traceparent}. Safe for use by many threads.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class TraceFields {

	private final SingletonSupplier<Tracer> tracer;

	private final SingletonSupplier<Propagator> propagator;

	/**
	 * Create the fields.
	 * @param tracer returns the tracer, {@code null} if there is none; called once
	 * @param propagator returns the propagator, {@code null} if there is none; called
	 * once
	 */
	public TraceFields(Supplier<@Nullable Tracer> tracer, Supplier<@Nullable Propagator> propagator) {
		this.tracer = SingletonSupplier.of(() -> Objects.requireNonNullElse(tracer.get(), Tracer.NOOP));
		this.propagator = SingletonSupplier.of(() -> Objects.requireNonNullElse(propagator.get(), Propagator.NOOP));
	}

	/**
	 * The fields for the calling thread.
	 * @return values by names, none if the thread has no span
	 */
	public Map<String, String> current() {
		TraceContext context = this.tracer.obtain().currentTraceContext().context();
		if (context == null) {
			return Map.of();
		}
		Map<String, String> fields = new HashMap<>();
		this.propagator.obtain()
			.inject(context, fields, (carrier, key, value) -> Objects.requireNonNull(carrier).put(key, value));
		return fields;
	}

}
