package dev.pluggable.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A table of figures. A cell is a text, a number or a {@link Spread}.
 *
 * @param title the title
 * @param note how to read the table
 * @param rows the rows, all with the same columns in the same order
 */
public record Table(String title, String note, List<Map<String, Object>> rows) {

	private static final int SIGNIFICANT = 3;

	Table(String title, String note) {
		this(title, note, new ArrayList<>());
	}

	/**
	 * Add a row.
	 * @param cells pairs of a column name and a cell
	 */
	public void row(Object... cells) {
		Map<String, Object> row = new LinkedHashMap<>();
		for (int i = 0; i < cells.length; i += 2) {
			row.put((String) cells[i], cells[i + 1]);
		}
		this.rows.add(row);
	}

	/**
	 * Return the table in Markdown, padded for terminals.
	 */
	String markdown() {
		StringBuilder text = new StringBuilder("## ").append(this.title).append("\n\n").append(this.note).append('\n');
		if (this.rows.isEmpty()) {
			return text.toString();
		}
		List<List<String>> lines = new ArrayList<>();
		lines.add(List.copyOf(this.rows.get(0).keySet()));
		for (Map<String, Object> row : this.rows) {
			lines.add(row.values().stream().map(Table::text).toList());
		}
		int columns = lines.get(0).size();
		int[] widths = new int[columns];
		for (List<String> line : lines) {
			for (int i = 0; i < columns; i++) {
				widths[i] = Math.max(widths[i], line.get(i).length());
			}
		}
		text.append('\n');
		for (int i = 0; i < lines.size(); i++) {
			append(text, lines.get(i), widths, ' ');
			if (i == 0) {
				append(text, lines.get(0).stream().map((cell) -> "").toList(), widths, '-');
			}
		}
		return text.toString();
	}

	private static void append(StringBuilder text, List<String> cells, int[] widths, char padding) {
		text.append('|');
		for (int i = 0; i < cells.size(); i++) {
			text.append(' ').append(cells.get(i));
			text.append(String.valueOf(padding).repeat(widths[i] - cells.get(i).length())).append(" |");
		}
		text.append('\n');
	}

	private static String text(@Nullable Object cell) {
		if (cell instanceof Spread spread) {
			return text(spread.median()) + " (" + text(spread.low()) + " to " + text(spread.high()) + ")";
		}
		if (cell instanceof Map<?, ?> spread) {
			// A spread that was read from JSON is a map.
			return text(spread.get("median")) + " (" + text(spread.get("low")) + " to " + text(spread.get("high"))
					+ ")";
		}
		if (cell instanceof Integer || cell instanceof Long) {
			return String.format(Locale.ROOT, "%,d", cell);
		}
		return (cell instanceof Number number) ? text(number.doubleValue()) : String.valueOf(cell);
	}

	/**
	 * Format a number with three significant digits.
	 */
	static String text(double number) {
		if (Double.isNaN(number) || Double.isInfinite(number)) {
			return "-";
		}
		double size = Math.abs(number);
		int whole = (size < 1) ? 1 : (int) Math.floor(Math.log10(size)) + 1;
		return String.format(Locale.ROOT, "%,." + Math.max(0, SIGNIFICANT - whole) + "f", number);
	}

}
