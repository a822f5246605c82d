package dev.pluggable;

import java.util.Map;

/**
 * The instances behind a served kind, one for each value of the request header
 * {@code x-component-instance}. Used by the service of a kind while it handles a call.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public interface ComponentInstances<T> {

	/**
	 * The instance that the current call is for.
	 * @return the instance
	 * @throws IllegalStateException if {@code Init} was not called for it
	 */
	T current();

	/**
	 * Answer {@code Init} for the instance that the current call is for. With the same
	 * metadata as before, the existing instance is kept; with other metadata it is
	 * replaced and the earlier one is closed.
	 * @param metadata settings of the component
	 * @throws Exception what the factory throws
	 */
	void initialize(Map<String, String> metadata) throws Exception;

}
