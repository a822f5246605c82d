package dev.pluggable.internal.support;

import java.util.regex.Pattern;

/**
 * Names of components, plugins and sockets. All of them follow one rule, since a name of
 * one kind can become a name of another: a socket {@code redis.sock} is the endpoint
 * {@code redis} and the implementation in {@code state.redis}.
 */
public final class Names {

	/**
	 * Name that no component and no plugin can have: health reports discovery by this
	 * name.
	 */
	public static final String RESERVED = "discovery";

	/**
	 * The rule as an instruction, for messages.
	 */
	public static final String RULE = "use letters, digits, '.', '_' and '-', and begin with a letter or digit";

	private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

	private static final Pattern KIND = Pattern.compile("[a-z0-9][a-z0-9_-]*");

	private Names() {
	}

	/**
	 * Check a name against the rule.
	 * @param text the text
	 * @return whether the text can be a name
	 */
	public static boolean isName(String text) {
		return NAME.matcher(text).matches();
	}

	/**
	 * Check a name against the rule and the reserved name.
	 * @param text the text
	 * @return whether a component or a plugin can have this name
	 */
	public static boolean isFreeName(String text) {
		return isName(text) && !text.equals(RESERVED);
	}

	/**
	 * Check the name of a kind, or the prefix of its types.
	 * @param text the text
	 * @throws IllegalArgumentException if the text cannot be the name of a kind
	 */
	public static void requireKind(String text) {
		if (!KIND.matcher(text).matches()) {
			throw new IllegalArgumentException("'" + text
					+ "' cannot be the name of a kind: use lower-case letters, digits, '_' and '-', and begin with a "
					+ "letter or digit");
		}
	}

}
