package dev.pluggable.spring.resources;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.reader.ReaderException;

/**
 * A file of one or more YAML documents. The parser creates only nodes, so a document
 * cannot instantiate classes.
 *
 * @param name the file as messages name it
 * @param content the bytes of the file
 */
record ComponentFile(String name, byte[] content) {

	/** Maximum size of a file in bytes. */
	static final int MAX_SIZE = 1024 * 1024;

	/**
	 * Return the documents of the file without empty documents.
	 */
	List<YamlMapping> documents() {
		String text = text();
		List<YamlMapping> documents = new ArrayList<>();
		for (Node node : nodes(text)) {
			boolean empty = node instanceof ScalarNode scalar && scalar.isPlain()
					&& YamlScalars.isNull(scalar.getValue());
			if (!empty) {
				documents.add(new YamlMapping(this.name, "", node));
			}
		}
		return documents;
	}

	private String text() {
		try {
			String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(this.content)).toString();
			return text.startsWith("\ufeff") ? text.substring(1) : text;
		}
		catch (CharacterCodingException ex) {
			throw new ComponentFileException(new Place(this.name, 0), "the file is not encoded in UTF-8",
					"Save the file in UTF-8.");
		}
	}

	private List<Node> nodes(String text) {
		LoaderOptions options = new LoaderOptions();
		options.setCodePointLimit(MAX_SIZE);
		List<Node> nodes = new ArrayList<>();
		try {
			new Yaml(options).composeAll(new StringReader(text)).forEach(nodes::add);
			return nodes;
		}
		catch (MarkedYAMLException ex) {
			Mark mark = (ex.getProblemMark() != null) ? ex.getProblemMark() : ex.getContextMark();
			throw invalid((mark != null) ? mark.getLine() + 1 : 0, String.valueOf(ex.getProblem()));
		}
		catch (ReaderException ex) {
			int end = Math.max(0, Math.min(ex.getPosition(), text.length()));
			throw invalid((int) text.substring(0, end).chars().filter((c) -> c == '\n').count() + 1, "found character");
		}
		catch (YAMLException ex) {
			throw new ComponentFileException(new Place(this.name, 0),
					"the file has a deeper structure or more aliases than a component file may have",
					"Write the values instead of the aliases.");
		}
	}

	/**
	 * Describe a syntax error without the message of the parser, which can repeat a
	 * value.
	 */
	private ComponentFileException invalid(int line, String problem) {
		Place place = new Place(this.name, line);
		if (problem.startsWith("Global tag") || problem.startsWith("found undefined tag")) {
			return new ComponentFileException(place, "there is a tag, but tags are not supported",
					"Remove the word that begins with '!'. If the value is a text, put the value in quotes.");
		}
		if (problem.contains("alias")) {
			return new ComponentFileException(place, "'*' begins an alias, but there is no anchor of the same name",
					"Put a value that begins with '*' or '&' in quotes.");
		}
		if (problem.contains("character")) {
			return new ComponentFileException(place, "there is a character that YAML does not allow at this position",
					"Indent with spaces, not with tabs, and put a value that begins with a special character in quotes.");
		}
		if (problem.contains("mapping values")) {
			return new ComponentFileException(place, "there is a ':' that does not belong to a field",
					"Put a value that contains ': ' in quotes, and check the indentation.");
		}
		return new ComponentFileException(place, "the file is not valid YAML",
				"Check the indentation, the quotes and the ':' after the name of each field here and above.");
	}

	@Override
	public String toString() {
		return this.name;
	}

}
