package dev.pluggable.spring.listener;

/**
 * Thrown if a listener method is declared wrongly or cannot listen to its component.
 *
 * @since 0.1.0
 */
public class InvalidListenerException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String action;

	/**
	 * Create an exception.
	 * @param listener the annotation and the method
	 * @param problem the mistake, without a full stop
	 * @param action a sentence that tells the developer how to correct the mistake
	 */
	public InvalidListenerException(String listener, String problem, String action) {
		super(listener + ": " + problem);
		this.action = action;
	}

	/**
	 * Return how to correct the mistake.
	 * @return a sentence
	 */
	public String getAction() {
		return this.action;
	}

}
