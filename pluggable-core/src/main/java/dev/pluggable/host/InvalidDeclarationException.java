package dev.pluggable.host;

import org.jspecify.annotations.Nullable;

/**
 * A declared component cannot be what it is declared to be.
 *
 * @since 0.1.0
 */
public class InvalidDeclarationException extends IllegalArgumentException {

	private static final long serialVersionUID = 1L;

	private final String component;

	private final @Nullable String origin;

	private final String action;

	InvalidDeclarationException(ComponentDeclaration declaration, String message, String action) {
		super("Component '" + declaration.name() + "': " + message);
		this.component = declaration.name();
		this.origin = declaration.origin();
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
	 * Where it is declared.
	 * @return the place, {@code null} if not known
	 */
	public @Nullable String getOrigin() {
		return this.origin;
	}

	/**
	 * What to write instead.
	 * @return a sentence
	 */
	public String getAction() {
		return this.action;
	}

}
