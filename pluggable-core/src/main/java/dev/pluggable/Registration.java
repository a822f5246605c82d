package dev.pluggable;

/**
 * The registration of a listener or a handler, which ends when it is closed. Closing it
 * again has no effect.
 *
 * @since 0.1.0
 */
public interface Registration extends AutoCloseable {

	@Override
	void close();

}
