package dev.pluggable.bindings;

/**
 * Names of operations that many output bindings have. A component may have others.
 *
 * @since 0.1.0
 */
public final class BindingOperations {

	/**
	 * Make something: send, store, publish.
	 */
	public static final String CREATE = "create";

	/**
	 * Read something.
	 */
	public static final String GET = "get";

	/**
	 * Remove something.
	 */
	public static final String DELETE = "delete";

	/**
	 * Read what there is.
	 */
	public static final String LIST = "list";

	private BindingOperations() {
	}

}
