package dev.pluggable.autoconfigure.resources;

/**
 * A component file cannot be used. Has no cause: the messages of a parser show what is in
 * the file, which can be a secret.
 */
class ComponentFileException extends RuntimeException {

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
	 * What to write instead.
	 */
	String action() {
		return this.action;
	}

}
