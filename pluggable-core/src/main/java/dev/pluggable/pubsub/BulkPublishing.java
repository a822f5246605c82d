package dev.pluggable.pubsub;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.PluggableException;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the messages of a bulk request one by one, for components that have no bulk
 * operation.
 */
final class BulkPublishing {

	private BulkPublishing() {
	}

	/**
	 * Publish the messages one after the other. If the component is unavailable or does
	 * not answer in time, the remaining messages are not tried, because each attempt
	 * could take as long as the first.
	 * @param request the messages
	 * @param publisher publishes one message
	 * @return reasons by the ids of the entries that were not published
	 */
	static Map<String, String> oneByOne(BulkPublishRequest request, Consumer<PublishRequest> publisher) {
		Map<String, String> failed = new LinkedHashMap<>();
		String gone = null;
		for (BulkPublishRequest.Entry entry : request.entries()) {
			if (gone != null) {
				failed.put(entry.id(), "not tried after: " + gone);
				continue;
			}
			RuntimeException failure = publish(request, entry, publisher);
			if (failure != null) {
				String reason = reason(failure);
				failed.put(entry.id(), reason);
				if (failure instanceof ComponentUnavailableException || failure instanceof ComponentTimeoutException) {
					gone = reason;
				}
			}
		}
		return failed;
	}

	private static @Nullable RuntimeException publish(BulkPublishRequest request, BulkPublishRequest.Entry entry,
			Consumer<PublishRequest> publisher) {
		Map<String, String> metadata = new HashMap<>(request.metadata());
		metadata.putAll(entry.metadata());
		try {
			publisher.accept(new PublishRequest(request.topic(), entry.data(), entry.contentType(), metadata));
			return null;
		}
		catch (RuntimeException ex) {
			return ex;
		}
	}

	private static String reason(RuntimeException failure) {
		// The message of another exception may contain payload.
		String message = (failure instanceof PluggableException) ? failure.getMessage() : null;
		return Objects.requireNonNullElse(message, failure.getClass().getName());
	}

}
