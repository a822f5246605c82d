package dev.pluggable.bindings;

/**
 * Names of operations that many output bindings offer. A component may offer others.
 *
 * @since 0.1.0
 */
public final class BindingOperations {

	/**
	 * Create an object: send, store or publish it.
	 */
	public static final String CREATE = "create";

	/**
	 * Read an object.
	 */
	public static final String GET = "get";

	/**
	 * Delete an object.
	 */
	public static final String DELETE = "delete";

	/**
	 * List the objects.
	 */
	public static final String LIST = "list";

	private BindingOperations() {
	}

}
