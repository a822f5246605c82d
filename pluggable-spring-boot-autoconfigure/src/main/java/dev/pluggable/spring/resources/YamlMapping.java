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
 * Named fields of a component file, and where they are. A field without a value counts as
 * absent.
 */
final class YamlMapping {

	private static final Resolver RESOLVER = new Resolver();

	private final String file;

	private final String path;

	private final Node node;

	private final Map<String, Node> fields = new LinkedHashMap<>();

	/**
	 * Read the fields.
	 * @param file the file, for messages
	 * @param path where in the document they are, such as {@code spec}; empty for the
	 * document itself
	 * @param node what should be a mapping
	 */
	YamlMapping(String file, String path, Node node) {
		this.file = file;
		this.path = path;
		this.node = node;
		if (!(node instanceof MappingNode mapping) || !node.getTag().equals(Tag.MAP)) {
			throw new ComponentFileException(place(node),
					(path.isEmpty() ? "the document" : "'" + path + "'") + " must consist of named fields",
					"Write fields of the form 'name: value', each on a line of its own.");
		}
		for (NodeTuple tuple : mapping.getValue()) {
			String name = text(tuple.getKeyNode(), "a name of a field");
			if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
				throw new ComponentFileException(place(tuple.getKeyNode()), "'<<' is not supported",
						"Write out the fields that it stands for.");
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
	 * Return the place of a field, or of this mapping if the field is absent.
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

	boolean has(String name) {
		Node field = this.fields.get(name);
		return field != null && !isNull(field);
	}

	@Nullable YamlMapping mapping(String name) {
		Node field = this.fields.get(name);
		return (field == null || isNull(field)) ? null : new YamlMapping(this.file, path(name), field);
	}

	/**
	 * The fields of each element of a list.
	 */
	List<YamlMapping> mappings(String name) {
		return sequence(name).stream()
			.map((element) -> new YamlMapping(this.file, path(name) + "[]", element))
			.toList();
	}

	/**
	 * The elements of a list, as they are written.
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
	 * A field as it is written; empty if it is absent.
	 */
	String text(String name) {
		Node field = this.fields.get(name);
		return (field == null || isNull(field)) ? "" : text(field, "'" + path(name) + "'");
	}

	/**
	 * A field that is true or false; false if it is absent.
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
	 * A field as Dapr's components get it; empty if it is absent.
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
			throw new ComponentFileException(place(field), "'" + path(name) + "' is a number that cannot be handed on",
					"Put it in quotes, so that it is a text.");
		}
	}

	private static boolean isNull(Node node) {
		return node instanceof ScalarNode scalar && scalar.isPlain() && YamlScalars.isNull(scalar.getValue());
	}

	private String text(Node field, String what) {
		if (!(field instanceof ScalarNode scalar)) {
			throw new ComponentFileException(place(field), what + " must be a single value",
					"Write one value; put it in quotes if it contains '{', '[' or ': '.");
		}
		Tag implied = RESOLVER.resolve(NodeId.scalar, scalar.getValue(), scalar.isPlain());
		if (!scalar.getTag().equals(implied)) {
			throw new ComponentFileException(place(field), what + " has a tag, and tags are not supported",
					"Remove what begins with '!'; put the value in quotes if it is to be a text.");
		}
		return scalar.getValue();
	}

}
