package dev.pluggable.spring.observation;

import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

import dev.pluggable.observation.ObservedMessage;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a message in which a publisher sends a trace: the metadata and, for
 * fields that the metadata lack, the attributes of a CloudEvent. For use by one thread at
 * a time.
 *
 * @since 0.1.0
 */
public final class MessageFields {

	private static final String TRACEPARENT = "traceparent";

	/**
	 * The attribute of a CloudEvent in which Dapr sends a {@code traceparent}, too, and
	 * in which earlier versions of Dapr send nothing else.
	 */
	private static final String TRACE_ID = "traceid";

	private static final Pattern W3C = Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");

	private final ObservedMessage message;

	private final Function<byte[], Map<String, String>> attributes;

	/**
	 * The attributes, which are read when a propagator asks for a field.
	 */
	private @Nullable Map<String, String> read;

	MessageFields(ObservedMessage message, Function<byte[], Map<String, String>> attributes) {
		this.message = message;
		this.attributes = attributes;
	}

	/**
	 * The value of a field.
	 * @param name name of the field, such as {@code traceparent}
	 * @return the value, {@code null} if the message has no such field
	 */
	public @Nullable String get(String name) {
		String value = this.message.metadata().get(name);
		if (value != null || !isAttribute(name)) {
			return value;
		}
		Map<String, String> read = this.read;
		if (read == null) {
			read = this.attributes.apply(this.message.data());
			this.read = read;
		}
		value = read.get(name);
		if (value == null && name.equals(TRACEPARENT)) {
			String id = read.get(TRACE_ID);
			return (id != null && W3C.matcher(id).matches()) ? id : null;
		}
		return value;
	}

	/**
	 * Whether a CloudEvent can have an attribute of this name.
	 */
	private static boolean isAttribute(String name) {
		return name.chars().allMatch((c) -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
	}

}
