package dev.pluggable.pubsub;

import java.util.LinkedHashMap;
import java.util.Collections;
import java.util.Map;

import dev.pluggable.PluggableException;

/**
 * Some messages of a bulk request were not published. The others were.
 *
 * @since 0.1.0
 */
public class BulkPublishException extends PluggableException {

	private static final long serialVersionUID = 1L;

	private final transient Map<String, String> failedEntries;

	/**
	 * Some messages were not published.
	 * @param failedEntries why, by the id of the entry
	 */
	public BulkPublishException(Map<String, String> failedEntries) {
		super(failedEntries.size() + " entries were not published: " + failedEntries, (Throwable) null);
		this.failedEntries = Collections.unmodifiableMap(new LinkedHashMap<>(failedEntries));
	}

	/**
	 * Some messages were not published.
	 * @param component name of the component
	 * @param kind name of its kind
	 * @param failedEntries why, by the id of the entry
	 */
	public BulkPublishException(String component, String kind, Map<String, String> failedEntries) {
		super(component, kind, "BulkPublish", failedEntries.size() + " entries were not published: " + failedEntries);
		this.failedEntries = Collections.unmodifiableMap(new LinkedHashMap<>(failedEntries));
	}

	/**
	 * What was not published, and why.
	 * @return reasons by the id of the entry, in the order of the component
	 */
	public Map<String, String> getFailedEntries() {
		return this.failedEntries;
	}

}
