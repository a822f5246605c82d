package dev.pluggable.spring.resources;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * The named fields of a YAML mapping and their positions. A field without a value counts
 * as absent.
 */
final class YamlMapping {

	private static final Resolver RESOLVER = new Resolver();

	private final String file;

	private final String path;

	private final Node node;

	private final Map<String, Node> fields = new LinkedHashMap<>();

	/**
	 * Read the fields.
	 * @param file the file as messages name it
	 * @param path path of the mapping in the document, such as {@code spec}; empty for
	 * the document itself
	 * @param node the node, which must be a mapping
	 */
	YamlMapping(String file, String path, Node node) {
		this.file = file;
		this.path = path;
		this.node = node;
		if (!(node instanceof MappingNode mapping) || !node.getTag().equals(Tag.MAP)) {
			throw new ComponentFileException(place(node),
					(path.isEmpty() ? "the document" : "'" + path + "'") + " must consist of named fields",
					"Write fields of the form 'name: value', each on a separate line.");
		}
		for (NodeTuple tuple : mapping.getValue()) {
			String name = text(tuple.getKeyNode(), "the name of a field");
			if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
				throw new ComponentFileException(place(tuple.getKeyNode()), "'<<' is not supported",
						"Write out the merged fields.");
			}
			if (this.fields.put(name, tuple.getValueNode()) != null) {
				throw new ComponentFileException(place(tuple.getKeyNode()),
						"the field '" + path(name) + "' occurs twice", "Remove one of them.");
			}
		}
	}

	Place place() {
		return place(this.node);
	}

	/**
	 * Return the position of a field, or of this mapping if the field is absent.
	 */
	Place place(String name) {
		Node field = this.fields.get(name);
		return place((field != null) ? field : this.node);
	}

	private Place place(Node at) {
		return new Place(this.file, at.getStartMark().getLine() + 1);
	}

	Set<String> names() {
		return this.fields.keySet();
	}

	String path(String name) {
		return this.path.isEmpty() ? name : this.path + "." + name;
	}

	@Nullable YamlMapping mapping(String name) {
		Node field = this.fields.get(name);
		return (field == null || isNull(field)) ? null : new YamlMapping(this.file, path(name), field);
	}

	/**
	 * Return the elements of a list of mappings.
	 */
	List<YamlMapping> mappings(String name) {
		return sequence(name).stream()
			.map((element) -> new YamlMapping(this.file, path(name) + "[]", element))
			.toList();
	}

	/**
	 * Return the elements of a list of scalars, exactly as written in the file.
	 */
	List<String> texts(String name) {
		return sequence(name).stream().map((element) -> text(element, "an element of '" + path(name) + "'")).toList();
	}

	private List<Node> sequence(String name) {
		Node field = this.fields.get(name);
		if (field == null || isNull(field)) {
			return List.of();
		}
		if (!(field instanceof SequenceNode sequence) || !field.getTag().equals(Tag.SEQ)) {
			throw new ComponentFileException(place(field), "'" + path(name) + "' must be a list",
					"Begin each element with '- '.");
		}
		return sequence.getValue();
	}

	/**
	 * Return the text of a field exactly as written in the file, empty if the field is
	 * absent.
	 */
	String text(String name) {
		Node field = this.fields.get(name);
		return (field == null || isNull(field)) ? "" : text(field, "'" + path(name) + "'");
	}

	/**
	 * Return the value of a boolean field, {@code false} if the field is absent.
	 */
	boolean flag(String name) {
		Node field = this.fields.get(name);
		if (field == null || isNull(field)) {
			return false;
		}
		String text = text(field, "'" + path(name) + "'");
		boolean plain = ((ScalarNode) field).isPlain();
		if (!plain || (!YamlScalars.isTrue(text) && !YamlScalars.isFalse(text))) {
			throw new ComponentFileException(place(field), "'" + path(name) + "' is neither true nor false",
					"Write 'true' or 'false' without quotes.");
		}
		return YamlScalars.isTrue(text);
	}

	/**
	 * Return the text of a field as Dapr's components receive the text, empty if the
	 * field is absent.
	 */
	String value(String name) {
		Node field = this.fields.get(name);
		if (field == null) {
			return "";
		}
		String text = text(field, "'" + path(name) + "'");
		if (!((ScalarNode) field).isPlain()) {
			return text;
		}
		try {
			return YamlScalars.text(text);
		}
		catch (NumberFormatException ex) {
			throw new ComponentFileException(place(field),
					"'" + path(name) + "' is a number that JSON cannot represent", "Put the number in quotes.");
		}
	}

	private static boolean isNull(Node node) {
		return node instanceof ScalarNode scalar && scalar.isPlain() && YamlScalars.isNull(scalar.getValue());
	}

	private String text(Node field, String what) {
		if (!(field instanceof ScalarNode scalar)) {
			throw new ComponentFileException(place(field), what + " must be a single value",
					"Write one value. Put the value in quotes if the value contains '{', '[' or ': '.");
		}
		Tag implied = RESOLVER.resolve(NodeId.scalar, scalar.getValue(), scalar.isPlain());
		if (!scalar.getTag().equals(implied)) {
			throw new ComponentFileException(place(field), what + " has a tag, but tags are not supported",
					"Remove the word that begins with '!'. If the value is a text, put the value in quotes.");
		}
		return scalar.getValue();
	}

}
