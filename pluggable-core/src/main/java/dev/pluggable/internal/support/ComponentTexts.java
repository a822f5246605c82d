package dev.pluggable.internal.support;

import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * Limits and cleans the lists of texts that the host keeps of a component.
 */
public final class ComponentTexts {

	/**
	 * Most features of a component that are kept.
	 */
	public static final int MAX_FEATURES = 200;

	/**
	 * Most services of a server that are shown.
	 */
	public static final int MAX_SERVICES = 1000;

	private static final int MAX_LENGTH = 200;

	private ComponentTexts() {
	}

	/**
	 * Keep the features of a component that are well-formed: not empty, at most 200
	 * characters long, and without control characters. The first 200 in alphabetical
	 * order are kept.
	 * @param features the features as the component reports them
	 * @return the kept features, immutable
	 */
	public static Set<String> features(Collection<String> features) {
		return first(features, MAX_FEATURES, SecretMask.NONE);
	}

	/**
	 * Prepare texts for a status.
	 * @param texts the texts
	 * @param max most texts that are kept
	 * @param secrets hides the secrets
	 * @return the first well-formed texts in alphabetical order, immutable
	 */
	public static Set<String> first(Collection<String> texts, int max, SecretMask secrets) {
		TreeSet<String> kept = new TreeSet<>();
		for (String text : texts) {
			if (!text.isEmpty() && text.length() <= MAX_LENGTH && LogText.visible(text, MAX_LENGTH).equals(text)) {
				kept.add(secrets.mask(text));
				if (kept.size() > max) {
					kept.pollLast();
				}
			}
		}
		return Collections.unmodifiableSet(kept);
	}

}
