package dev.pluggable.spring.host;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the name that somebody probably meant.
 */
final class SimilarNames {

	private SimilarNames() {
	}

	/**
	 * Find the most similar name.
	 * @param wanted the written name
	 * @param names the names that exist
	 * @return the name, empty if the written name exists or no name is similar
	 */
	static Optional<String> find(String wanted, Collection<String> names) {
		String lower = wanted.toLowerCase(Locale.ROOT);
		if (names.stream().anyMatch(lower::equalsIgnoreCase)) {
			return Optional.empty();
		}
		// A longer name may have more typing errors.
		int most = Math.max(1, lower.length() / 3);
		return names.stream()
			.filter((name) -> distance(lower, name.toLowerCase(Locale.ROOT)) <= most)
			.min(Comparator.comparingInt((name) -> distance(lower, name.toLowerCase(Locale.ROOT))));
	}

	/**
	 * Return the number of insertions, deletions, substitutions and transpositions of
	 * neighbours that turn one text into another.
	 */
	private static int distance(String from, String to) {
		int[][] distances = new int[from.length() + 1][to.length() + 1];
		Arrays.setAll(distances[0], (column) -> column);
		for (int row = 1; row <= from.length(); row++) {
			distances[row][0] = row;
			for (int column = 1; column <= to.length(); column++) {
				int substitution = (from.charAt(row - 1) != to.charAt(column - 1)) ? 1 : 0;
				int distance = Math.min(distances[row - 1][column - 1] + substitution,
						Math.min(distances[row - 1][column], distances[row][column - 1]) + 1);
				if (row > 1 && column > 1 && from.charAt(row - 1) == to.charAt(column - 2)
						&& from.charAt(row - 2) == to.charAt(column - 1)) {
					distance = Math.min(distance, distances[row - 2][column - 2] + 1);
				}
				distances[row][column] = distance;
			}
		}
		return distances[from.length()][to.length()];
	}

}
