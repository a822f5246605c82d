package dev.pluggable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubProto;
import dev.pluggable.proto.components.v1.SecretStoreProto;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.layotto.v1.HelloProto;
import dev.pluggable.proto.layotto.v1.LayottoCommonProto;
import dev.pluggable.pubsub.PubSubFeatures;
import dev.pluggable.secrets.SecretFeatures;
import dev.pluggable.state.StateFeatures;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares {@code docs/contract.md} with the contract and with the tests that the page
 * names.
 */
class ContractDocumentTests {

	private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

	private static final List<FileDescriptor> FILES = List.of(CommonProto.getDescriptor(), StateProto.getDescriptor(),
			PubSubProto.getDescriptor(), BindingsProto.getDescriptor(), SecretStoreProto.getDescriptor(),
			LayottoCommonProto.getDescriptor(), HelloProto.getDescriptor());

	private static final Pattern HEADING = Pattern.compile("#+ (?:(service|message|enum) `([\\w.]+)`|(.+))");

	private static final Pattern REFERENCE = Pattern.compile("`([A-Z]\\w+)#(\\w+)`");

	/**
	 * Rows of cells by the heading of their table, such as
	 * {@code message dapr...GetRequest}.
	 */
	private static Map<String, List<List<String>>> tables;

	@BeforeAll
	static void read() throws IOException {
		tables = new LinkedHashMap<>();
		List<List<String>> rows = new ArrayList<>();
		for (String line : Files.readAllLines(ROOT.resolve("docs/contract.md"))) {
			MatchResult heading = HEADING.matcher(line).results().findFirst().orElse(null);
			if (line.startsWith("#") && heading != null) {
				rows = new ArrayList<>();
				String name = (heading.group(1) != null) ? heading.group(1) + " " + heading.group(2) : heading.group(3);
				assertThat(tables.put(name, rows)).as("heading '%s' twice", name).isNull();
			}
			else if (line.startsWith("|") && !line.startsWith("|---")) {
				String[] cells = line.substring(1, line.lastIndexOf('|')).split("(?<!\\\\)\\|", -1);
				rows.add(Arrays.stream(cells).map(String::strip).toList());
			}
		}
	}

	/**
	 * Return the rows of a table without its header row.
	 */
	private static List<List<String>> rows(String heading) {
		List<List<String>> rows = tables.get(heading);
		assertThat(rows).as("a section '%s' with a table", heading).isNotNull().isNotEmpty();
		return rows.subList(1, rows.size());
	}

	private static String code(String text) {
		return "`" + text + "`";
	}

	@Test
	void whenAServiceHasARpcThenItIsListed() {
		Map<String, List<String>> contract = new TreeMap<>();
		FILES.forEach((file) -> file.getServices()
			.forEach((service) -> contract.put("service " + name(service),
					service.getMethods()
						.stream()
						.map(MethodDescriptor::getName)
						.map(ContractDocumentTests::code)
						.toList())));
		assertListed("service", contract, 1);
	}

	@Test
	void whenAMessageHasAFieldThenItIsListedWithItsNumberAndType() {
		Map<String, List<String>> contract = new TreeMap<>();
		eachMessage((message) -> {
			if (!message.getFields().isEmpty()) {
				contract.put("message " + name(message),
						message.getFields()
							.stream()
							.map((field) -> field.getNumber() + " " + code(field.getName()) + " " + code(type(field)))
							.toList());
			}
		});
		assertListed("message", contract, 3);
	}

	@Test
	void whenAMessageHasNoFieldsThenItIsNamedAsSuch() {
		List<String> empty = new ArrayList<>();
		eachMessage((message) -> {
			if (message.getFields().isEmpty()) {
				empty.add(code(name(message)));
			}
		});
		assertThat(rows("Messages without fields")).map((row) -> row.get(0)).containsExactlyInAnyOrderElementsOf(empty);
	}

	@Test
	void whenAnEnumHasAValueThenItIsListedWithItsNumber() {
		Map<String, List<String>> contract = new TreeMap<>();
		Consumer<EnumDescriptor> add = (type) -> contract.put("enum " + name(type),
				type.getValues().stream().map((value) -> value.getNumber() + " " + code(value.getName())).toList());
		FILES.forEach((file) -> file.getEnumTypes().forEach(add));
		eachMessage((message) -> message.getEnumTypes().forEach(add));
		assertListed("enum", contract, 2);
	}

	private static void assertListed(String what, Map<String, List<String>> contract, int columns) {
		Map<String, List<String>> document = new TreeMap<>();
		tables.keySet()
			.stream()
			.filter((heading) -> heading.startsWith(what + " "))
			.forEach((heading) -> document.put(heading,
					rows(heading).stream().map((row) -> String.join(" ", row.subList(0, columns))).toList()));
		assertThat(document.keySet()).containsExactlyInAnyOrderElementsOf(contract.keySet());
		document.forEach((heading, rows) -> assertThat(rows).as(heading).isEqualTo(contract.get(heading)));
	}

	private static void eachMessage(Consumer<Descriptor> consumer) {
		FILES.forEach((file) -> file.getMessageTypes().forEach((message) -> eachMessage(message, consumer)));
	}

	private static void eachMessage(Descriptor message, Consumer<Descriptor> consumer) {
		if (!message.getOptions().getMapEntry()) {
			consumer.accept(message);
			message.getNestedTypes().forEach((nested) -> eachMessage(nested, consumer));
		}
	}

	private static String type(FieldDescriptor field) {
		if (field.isMapField()) {
			Descriptor entry = field.getMessageType();
			return "map<%s, %s>".formatted(type(entry.findFieldByNumber(1)), type(entry.findFieldByNumber(2)));
		}
		String type = switch (field.getJavaType()) {
			case MESSAGE -> name(field.getMessageType());
			case ENUM -> name(field.getEnumType());
			default -> field.getType().name().toLowerCase(Locale.ROOT);
		};
		return field.isRepeated() ? "repeated " + type : type;
	}

	/**
	 * Return the name of a type without its package.
	 */
	private static String name(GenericDescriptor type) {
		return type.getFullName().substring(type.getFile().getPackage().length() + 1);
	}

	@Test
	void whenAFeatureHasANameThenItIsListed() {
		List<String> features = Stream.of(StateFeatures.class, PubSubFeatures.class, SecretFeatures.class)
			.flatMap((type) -> Arrays.stream(type.getFields()))
			.map(ContractDocumentTests::constant)
			.map(ContractDocumentTests::code)
			.toList();
		assertThat(features).hasSizeGreaterThan(9);
		assertThat(rows("Feature strings")).map((row) -> row.get(1)).containsAll(features);
	}

	private static String constant(Field field) {
		try {
			return (String) field.get(null);
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Test
	void whenThereIsARowThenItNamesATest() {
		tables.forEach((heading,
				rows) -> rows.stream().skip(1).filter((row) -> rows.get(0).contains("shown by")).forEach((row) -> {
					assertThat(row).as("cells of a row of '%s'", heading).hasSameSizeAs(rows.get(0)).doesNotContain("");
					assertThat(row.get(rows.get(0).indexOf("shown by"))).as("test of %s of '%s'", row, heading)
						.containsPattern(REFERENCE);
				}));
	}

	@Test
	void whenATestIsNamedThenItIsThere() throws IOException {
		Map<String, List<Path>> sources = testSources();
		Map<String, List<String>> missing = new TreeMap<>();
		List<MatchResult> references = REFERENCE.matcher(Files.readString(ROOT.resolve("docs/contract.md")))
			.results()
			.toList();
		assertThat(references).hasSizeGreaterThan(100);
		for (MatchResult reference : references) {
			if (sources.getOrDefault(reference.group(1), List.of())
				.stream()
				.noneMatch((source) -> hasMethod(source, reference.group(2)))) {
				missing.computeIfAbsent(reference.group(1), (type) -> new ArrayList<>()).add(reference.group(2));
			}
		}
		assertThat(missing).as("tests that docs/contract.md names and that do not exist").isEmpty();
	}

	private static boolean hasMethod(Path source, String method) {
		Path tree = source;
		while (!tree.endsWith("src/test/java")) {
			tree = tree.getParent();
		}
		String name = tree.relativize(source).toString().replace(source.getFileSystem().getSeparator(), ".");
		try {
			Class<?> type = Class.forName(name.substring(0, name.length() - ".java".length()), false,
					ContractDocumentTests.class.getClassLoader());
			return Arrays.stream(type.getDeclaredMethods()).anyMatch((each) -> each.getName().equals(method));
		}
		catch (ClassNotFoundException ex) {
			// The test is in another module, so its source is searched.
		}
		try {
			return Pattern.compile("^\\tvoid " + method + "\\(", Pattern.MULTILINE)
				.matcher(Files.readString(source))
				.find();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Find the sources of all modules by the names of their classes.
	 */
	private static Map<String, List<Path>> testSources() throws IOException {
		Map<String, List<Path>> sources = new TreeMap<>();
		Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {

			@Override
			public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
				String name = directory.getFileName().toString();
				boolean passedOver = !directory.equals(ROOT)
						&& (name.startsWith(".") || name.equals("target") || name.equals("node_modules"));
				return passedOver ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
				String name = file.getFileName().toString();
				if (name.endsWith(".java") && file.toString().contains("/src/test/java/")) {
					sources
						.computeIfAbsent(name.substring(0, name.length() - ".java".length()),
								(type) -> new ArrayList<>())
						.add(file);
				}
				return FileVisitResult.CONTINUE;
			}

			@Override
			public FileVisitResult visitFileFailed(Path file, IOException ex) {
				// Another build may delete files at the same time.
				return FileVisitResult.CONTINUE;
			}

		});
		return sources;
	}

}
