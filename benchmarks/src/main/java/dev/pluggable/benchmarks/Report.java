package dev.pluggable.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The results of a run.
 *
 * @param where machine and settings of the run
 * @param aims aims of the product
 * @param tables figures
 */
public record Report(Map<String, String> where, List<Aim> aims, List<Table> tables) {

	private static final JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

	/**
	 * Create an empty report.
	 */
	public Report() {
		this(new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
	}

	/**
	 * Add an empty table.
	 * @param title the title
	 * @param note how to read the table
	 * @return the table
	 */
	public Table table(String title, String note) {
		Table table = new Table(title, note);
		this.tables.add(table);
		return table;
	}

	void add(Report other) {
		this.where.putAll(other.where);
		this.aims.addAll(other.aims);
		this.tables.addAll(other.tables);
	}

	static Report read(Path file) throws IOException {
		return json.readValue(Files.readString(file), Report.class);
	}

	/**
	 * Write the report as JSON.
	 * @param file the file
	 * @throws IOException if the file cannot be written
	 */
	public void write(Path file) throws IOException {
		Files.writeString(file, json.writeValueAsString(this) + "\n");
	}

	/**
	 * Return the report in Markdown.
	 * @return the text
	 */
	public String markdown() {
		StringBuilder text = new StringBuilder("# Benchmarks\n\n");
		this.where.forEach((name, value) -> text.append("- ").append(name).append(": ").append(value).append('\n'));
		if (!this.aims.isEmpty()) {
			Table table = new Table("Aims", "The aims of the product, and the results of this run.");
			this.aims.forEach((aim) -> table.row("what", aim.what(), "aim", aim.aim(), "measured", aim.measured(),
					"reached", aim.reached() ? "yes" : "**no**"));
			text.append('\n').append(table.markdown());
		}
		this.tables.forEach((table) -> text.append('\n').append(table.markdown()));
		return text.toString();
	}

}
