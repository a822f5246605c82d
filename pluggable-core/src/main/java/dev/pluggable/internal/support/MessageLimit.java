package dev.pluggable.internal.support;

import java.util.regex.Pattern;

import io.grpc.Status;

/**
 * Recognises a message that is larger than the limit of the application, and names the
 * properties that set the limit.
 */
public final class MessageLimit {

	/** Words with which grpc-java reports its own limit. */
	private static final Pattern OURS = Pattern.compile("exceeds maximum size|maximum allowed size");

	private MessageLimit() {
	}

	/**
	 * Whether a description is about the limit of the application.
	 * @param description description of a status
	 * @return {@code true} if so
	 */
	public static boolean isOurs(String description) {
		return OURS.matcher(description).find();
	}

	/**
	 * Whether a call ended because a message of the component is larger than the limit of
	 * the application.
	 * @param status status of the call
	 * @return {@code true} if so
	 */
	public static boolean isOurs(Status status) {
		return status.getCode() == Status.Code.RESOURCE_EXHAUSTED && status.getDescription() != null
				&& isOurs(status.getDescription());
	}

	/**
	 * Name the properties.
	 * @param component name of the component
	 * @return a sentence without a full stop
	 */
	public static String properties(String component) {
		return "The property 'pluggable.components." + component + ".max-inbound-message-size' sets the limit of "
				+ "messages from the component, 'pluggable.defaults.max-inbound-message-size' sets it for all components";
	}

}
