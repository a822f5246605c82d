package dev.pluggable.host;

import org.jspecify.annotations.Nullable;

/**
 * A declaration contradicts itself, another declaration or the kinds of the host.
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
	 * @return the declared name
	 */
	public String getComponent() {
		return this.component;
	}

	/**
	 * Place of the declaration.
	 * @return the place, {@code null} if it is not known
	 */
	public @Nullable String getOrigin() {
		return this.origin;
	}

	/**
	 * Instruction that corrects the declaration.
	 * @return one or more sentences
	 */
	public String getAction() {
		return this.action;
	}

}
