package dev.pluggable.spring.resources;

/**
 * Thrown if a component file cannot be used. The exception has no cause, because the
 * messages of the parser show parts of the file, which can be secrets.
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
	 * Return how to correct the file.
	 * @return one or more sentences
	 */
	public String action() {
		return this.action;
	}

}
