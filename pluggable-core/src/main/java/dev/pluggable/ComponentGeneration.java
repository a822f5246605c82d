package dev.pluggable;

import io.grpc.Attributes;
import io.grpc.Channel;

/**
 * One connection to the process of a component, on which the component is initialised.
 * Safe for use by many threads.
 *
 * @since 0.1.0
 */
public interface ComponentGeneration {

	/**
	 * The number of the generation, which grows with each new connection.
	 * @return the number, 1 for the first generation
	 */
	long number();

	/**
	 * The channel to this generation only. It adds the header
	 * {@code x-component-instance} to each call; calls fail once the generation is lost.
	 * @return the channel
	 */
	Channel channel();

	/**
	 * Attributes of the process, such as the broker of a launched plugin.
	 * @return the attributes, empty unless overridden
	 */
	default Attributes attributes() {
		return Attributes.EMPTY;
	}

	/**
	 * Whether this generation only continues an earlier one on another connection. The
	 * component was not initialised again then, and what calls have created in the
	 * process still exists. Streams must move to the later generation, because the server
	 * ends the earlier connection.
	 * @param earlier an earlier generation of the same component
	 * @return {@code false} unless overridden
	 */
	default boolean continues(ComponentGeneration earlier) {
		return false;
	}

	/**
	 * Whether calls to the component reach this generation now.
	 * @return {@code false} if the generation is lost or replaced
	 */
	boolean current();

}
