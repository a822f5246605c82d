package dev.pluggable.spring.resources;

/**
 * A component file cannot be used. Has no cause: the messages of a parser show what is in
 * the file, which can be a secret.
 *
 * @since 0.1.0
 */
public class ComponentFileException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String action;

	ComponentFileException(Place place, String problem, String action) {
		this("Component file " + place + ": " + problem, action);
	}

	ComponentFileException(String message, String action) {
		super(message);
		this.action = action;
	}

	/**
	 * The action that mends the file.
	 * @return the action
	 */
	public String action() {
		return this.action;
	}

}
