package dev.pluggable;

/**
 * Something that goes on until it is closed. Closing twice does nothing.
 *
 * @since 0.1.0
 */
public interface Registration extends AutoCloseable {

	@Override
	void close();

}
