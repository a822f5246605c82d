package dev.pluggable.host;

/**
 * A declared component cannot be what it is declared to be.
 *
 * @since 0.1.0
 */
public class InvalidDeclarationException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String component;

	private final String action;

	InvalidDeclarationException(String component, String message, String action) {
		super("Component '" + component + "': " + message);
		this.component = component;
		this.action = action;
	}

	/**
	 * Name of the component.
	 * @return the name as declared
	 */
	public String getComponent() {
		return this.component;
	}

	/**
	 * What to write instead.
	 * @return a sentence
	 */
	public String getAction() {
		return this.action;
	}

}
