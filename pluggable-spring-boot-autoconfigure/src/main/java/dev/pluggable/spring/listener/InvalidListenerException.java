package dev.pluggable.spring.listener;

/**
 * A listener method has a wrong form, or cannot listen to the component that it names.
 *
 * @since 0.1.0
 */
public class InvalidListenerException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String action;

	/**
	 * A listener is wrong.
	 * @param listener the annotation and the method
	 * @param problem what is wrong
	 * @param action what to do about it, a sentence
	 */
	public InvalidListenerException(String listener, String problem, String action) {
		super(listener + ": " + problem);
		this.action = action;
	}

	/**
	 * The action that mends the listener.
	 * @return a sentence
	 */
	public String getAction() {
		return this.action;
	}

}
