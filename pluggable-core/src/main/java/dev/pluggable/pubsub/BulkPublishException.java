package dev.pluggable.pubsub;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

import dev.pluggable.PluggableException;

/**
 * Some messages of a bulk request were not published. The others were.
 *
 * @since 0.1.0
 */
public class BulkPublishException extends PluggableException {

	private static final long serialVersionUID = 1L;

	private static final int MAX_SHOWN = 10;

	private final LinkedHashMap<String, String> failedEntries;

	/**
	 * Some messages were not published.
	 * @param failedEntries why, by the id of the entry
	 */
	public BulkPublishException(Map<String, String> failedEntries) {
		super(describe(failedEntries), (Throwable) null);
		this.failedEntries = new LinkedHashMap<>(failedEntries);
	}

	/**
	 * Some messages were not published.
	 * @param component name of the component
	 * @param kind name of its kind
	 * @param failedEntries why, by the id of the entry
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
	 * What was not published, and why.
	 * @return reasons by the id of the entry, in the order of the component
	 */
	public Map<String, String> getFailedEntries() {
		return Collections.unmodifiableMap(this.failedEntries);
	}

}
