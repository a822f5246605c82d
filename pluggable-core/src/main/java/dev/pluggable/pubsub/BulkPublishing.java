package dev.pluggable.pubsub;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

import dev.pluggable.PluggableException;

/**
 * Bulk publishing where the component can only publish one message at a time.
 */
final class BulkPublishing {

	private BulkPublishing() {
	}

	static void oneByOne(BulkPublishRequest request, Consumer<PublishRequest> publisher) {
		Map<String, String> failed = new LinkedHashMap<>();
		for (BulkPublishRequest.Entry entry : request.entries()) {
			Map<String, String> metadata = new HashMap<>(request.metadata());
			metadata.putAll(entry.metadata());
			try {
				publisher.accept(new PublishRequest(request.topic(), entry.data(), entry.contentType(), metadata));
			}
			catch (PluggableException ex) {
				failed.put(entry.id(), Objects.requireNonNullElse(ex.getMessage(), ex.getClass().getName()));
			}
		}
		if (!failed.isEmpty()) {
			throw new BulkPublishException(failed);
		}
	}

}
