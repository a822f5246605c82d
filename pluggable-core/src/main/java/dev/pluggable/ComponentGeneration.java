package dev.pluggable;

import io.grpc.Attributes;
import io.grpc.Channel;

/**
 * One life of the process behind a component, on which the component is initialised. Safe
 * for use by many threads.
 *
 * @since 0.1.0
 */
public interface ComponentGeneration {

	/**
	 * Number of the generation: grows with each new connection.
	 * @return the number, 1 for the first
	 */
	long number();

	/**
	 * Channel to this generation and no other. It adds the header
	 * {@code x-component-instance}; calls on it fail once the generation is lost.
	 * @return the channel
	 */
	Channel channel();

	/**
	 * What there is to know about the process, such as the broker of a launched plugin.
	 * @return attributes, none unless the process has some
	 */
	default Attributes attributes() {
		return Attributes.EMPTY;
	}

	/**
	 * Whether calls to the component go to this generation now.
	 * @return {@code false} if it is lost or another has taken its place
	 */
	boolean current();

}
