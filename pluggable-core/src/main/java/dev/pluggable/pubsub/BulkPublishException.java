package dev.pluggable.pubsub;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

import dev.pluggable.PluggableException;

/**
 * Some messages of a bulk request were not published. The other messages were.
 *
 * @since 0.1.0
 */
public class BulkPublishException extends PluggableException {

	private static final long serialVersionUID = 1L;

	private static final int MAX_SHOWN = 10;

	private final LinkedHashMap<String, String> failedEntries;

	/**
	 * Create an exception.
	 * @param failedEntries reasons by the ids of the entries that were not published
	 */
	public BulkPublishException(Map<String, String> failedEntries) {
		super(describe(failedEntries), (Throwable) null);
		this.failedEntries = new LinkedHashMap<>(failedEntries);
	}

	/**
	 * Create an exception for a call to a component.
	 * @param component name of the component
	 * @param kind name of the component's kind
	 * @param failedEntries reasons by the ids of the entries that were not published
	 */
	public BulkPublishException(String component, String kind, Map<String, String> failedEntries) {
		super(component, kind, "BulkPublish", describe(failedEntries));
		this.failedEntries = new LinkedHashMap<>(failedEntries);
	}

	private static String describe(Map<String, String> failedEntries) {
		String shown = failedEntries.entrySet()
			.stream()
			.limit(MAX_SHOWN)
			.map((entry) -> "'" + entry.getKey() + "' (" + entry.getValue() + ")")
			.collect(Collectors.joining(", "));
		int more = failedEntries.size() - MAX_SHOWN;
		return failedEntries.size() + " entries were not published: " + shown
				+ ((more > 0) ? " and " + more + " more" : "");
	}

	/**
	 * The entries that were not published.
	 * @return reasons by the id of the entry, in the order of the component; not
	 * modifiable
	 */
	public Map<String, String> getFailedEntries() {
		return Collections.unmodifiableMap(this.failedEntries);
	}

}
