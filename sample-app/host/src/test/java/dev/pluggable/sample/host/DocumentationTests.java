package dev.pluggable.sample.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares the pages of the documentation with the code: shown code is in compiled and
 * tested sources, properties exist, links lead to pages and headings, and named classes
 * exist.
 */
class DocumentationTests {

	private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

	private static final Pattern GAP = Pattern.compile("\\s*// \\.\\.\\.\\s*|\\n\\n");

	private static final Pattern LINK = Pattern.compile("\\[[^\\]\\[]*\\]\\(([^)\\s]+)\\)");

	private static final Pattern HEADING = Pattern.compile("^#{1,6} (.+)$", Pattern.MULTILINE);

	private static final Pattern FENCE = Pattern.compile("^```.*?^```", Pattern.MULTILINE | Pattern.DOTALL);

	/**
	 * A class in backticks: with its package, or a name of several words; a member may
	 * follow.
	 */
	private static final Pattern CLASS = Pattern
		.compile("`@?((?:dev\\.pluggable\\.[\\w.]*)|(?:[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+))(?:[.#]\\w+)?(?:<[^`]*>)?"
				+ "(?:\\([^`]*\\))?`");

	private static final Pattern DECLARATION = Pattern
		.compile("(?:class|interface|record|enum|message|service|rpc) ([A-Z]\\w+)");

	/**
	 * Classes of other projects whose names have several words.
	 */
	private static final Set<String> NAMES_OF_OTHERS = Set.of("AcceptAndServe", "ApplicationRunner", "BindableService",
			"ClientCallStreamObserver", "ClientInterceptor", "CompletableFuture", "CompletionStage",
			"ContextClosedEvent", "DynamicMessage", "GlobalClientInterceptor", "GlobalServerInterceptor",
			"ImportGrpcClients", "JsonMapper", "MaxConnectionAge", "MaxConnectionAgeGrace", "MessageConverter",
			"MessagingException", "MockitoBean", "MockitoSpyBean", "NullMarked", "ObjectProvider", "MeterRegistry",
			"ObservationRegistry", "RestClient", "ServerInterceptor", "TempDir", "TestBean");

	private static final Map<Path, String> pages = new LinkedHashMap<>();

	/** Sources of all modules by the simple names of their files. */
	private static final Map<String, List<Path>> sources = new LinkedHashMap<>();

	/** Simple names of all types that sources and contracts declare. */
	private static final Set<String> declared = new HashSet<>();

	@BeforeAll
	static void read() throws IOException {
		try (Stream<Path> files = Files.walk(ROOT.resolve("docs"))) {
			files.filter((file) -> file.toString().endsWith(".md"))
				.sorted()
				.forEach((file) -> pages.put(file, content(file)));
		}
		for (String page : List.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md",
				"sample-app/plugins/greeter/README.md", "sample-app/plugins/median/README.md")) {
			pages.put(ROOT.resolve(page), content(ROOT.resolve(page)));
		}
		read(ROOT);
		assertThat(pages).hasSizeGreaterThan(20);
		assertThat(sources).hasSizeGreaterThan(400);
	}

	private static void read(Path folder) throws IOException {
		List<Path> entries;
		try (Stream<Path> list = Files.list(folder)) {
			entries = list.toList();
		}
		for (Path entry : entries) {
			String name = entry.getFileName().toString();
			if (name.endsWith(".java") || name.endsWith(".proto")) {
				DECLARATION.matcher(content(entry))
					.results()
					.map((declaration) -> declaration.group(1))
					.forEach(declared::add);
			}
			if (name.endsWith(".java")) {
				sources
					.computeIfAbsent(name.substring(0, name.length() - ".java".length()), (type) -> new ArrayList<>())
					.add(entry);
			}
			else if (Files.isDirectory(entry) && !name.startsWith(".") && !name.equals("node_modules")
					&& (!name.equals("target") || Files.isDirectory(entry.resolve("generated-sources")))) {
				read(name.equals("target") ? entry.resolve("generated-sources") : entry);
			}
		}
	}

	private static String content(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<String> blocks(String page, String language) {
		return Pattern.compile("^```" + language + "\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL)
			.matcher(page)
			.results()
			.map((block) -> block.group(1))
			.toList();
	}

	@Test
	void whenAPageShowsJavaThenItIsInTheSourcesOfTheSample() {
		List<String> code = sources.values()
			.stream()
			.flatMap(List::stream)
			.filter((source) -> source.startsWith(ROOT.resolve("sample-app"))
					|| source.startsWith(ROOT.resolve("pluggable-protoc/src/test/contracts")))
			.map(DocumentationTests::content)
			.map(DocumentationTests::normalized)
			.toList();
		List<String> parts = new ArrayList<>();
		List<String> missing = new ArrayList<>();
		// ReadmeTests compiles the code of the README.
		pages.forEach((page, text) -> {
			if (!page.equals(ROOT.resolve("README.md"))) {
				blocks(text, "java").stream()
					.flatMap(GAP::splitAsStream)
					.map(DocumentationTests::normalized)
					.filter((part) -> !part.equals("}"))
					.forEach((part) -> {
						parts.add(part);
						if (code.stream().noneMatch((source) -> source.contains(part))) {
							missing.add(ROOT.relativize(page) + ": " + part);
						}
					});
			}
		});
		assertThat(missing).isEmpty();
		assertThat(parts).hasSizeGreaterThan(30);
	}

	private static String normalized(String code) {
		return code.strip().replaceAll("\\s+", " ");
	}

	@Test
	void whenAPageSetsPropertiesThenTheyExist() throws IOException {
		Set<String> known = knownProperties();
		List<String> set = new ArrayList<>();
		List<String> unknown = new ArrayList<>();
		for (Map.Entry<Path, String> page : pages.entrySet()) {
			for (String block : blocks(page.getValue(), "yaml")) {
				for (PropertySource<?> source : new YamlPropertySourceLoader().load(page.getKey().toString(),
						new ByteArrayResource(block.getBytes()))) {
					for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
						set.add(name);
						if (name.startsWith("pluggable.") && known.stream().noneMatch(name::matches)) {
							unknown.add(ROOT.relativize(page.getKey()) + ": " + name);
						}
					}
				}
			}
		}
		assertThat(unknown).isEmpty();
		assertThat(set).hasSizeGreaterThan(30);
	}

	/**
	 * Return the patterns of all properties on the page of properties. The build
	 * generates that page from the metadata.
	 */
	private static Set<String> knownProperties() {
		Set<String> known = new HashSet<>();
		Pattern.compile("^\\| `(pluggable\\.[^`]+)` \\|", Pattern.MULTILINE)
			.matcher(content(ROOT.resolve("docs/properties.md")))
			.results()
			.map((row) -> row.group(1))
			.forEach(
					(name) -> known.add(name.replace(".", "\\.").replaceAll("<[^>]+>", "[^.]+").replace("\\.*", "\\..+")
							+ "(\\[\\d+\\])?"));
		assertThat(known).hasSizeGreaterThan(50);
		return known;
	}

	@Test
	void whenAPageLinksToAnotherThenThatIsThere() {
		List<String> broken = new ArrayList<>();
		pages.forEach((page, text) -> LINK.matcher(FENCE.matcher(text).replaceAll(""))
			.results()
			.map((link) -> link.group(1))
			.filter((link) -> !link.startsWith("https://"))
			.filter((link) -> !leadsSomewhere(page, link))
			.forEach((link) -> broken.add(ROOT.relativize(page) + ": " + link)));
		assertThat(broken).isEmpty();
	}

	private static boolean leadsSomewhere(Path page, String link) {
		int hash = link.indexOf('#');
		String path = (hash < 0) ? link : link.substring(0, hash);
		Path target = path.isEmpty() ? page : page.resolveSibling(path).normalize();
		if (!target.startsWith(ROOT) || !Files.exists(target)) {
			return false;
		}
		return hash < 0 || (Files.isRegularFile(target) && anchors(content(target)).contains(link.substring(hash + 1)));
	}

	private static Set<String> anchors(String page) {
		Set<String> anchors = new HashSet<>();
		HEADING.matcher(FENCE.matcher(page).replaceAll(""))
			.results()
			.map((heading) -> heading.group(1)
				.toLowerCase(Locale.ROOT)
				.replaceAll("[^\\p{L}\\p{N} _-]", "")
				.replace(' ', '-'))
			.forEach(anchors::add);
		return anchors;
	}

	@Test
	void whenAPageNamesAClassThenItIsThere() {
		Set<String> missing = new TreeSet<>();
		// ContractDocumentTests verifies the names on the page of the contract.
		Path contract = ROOT.resolve("docs/contract.md");
		List<String> named = new ArrayList<>();
		pages.forEach((page, text) -> CLASS.matcher(FENCE.matcher(text).replaceAll(""))
			.results()
			.map((reference) -> reference.group(1))
			.forEach((name) -> {
				named.add(name);
				if (!isThere(name) && !NAMES_OF_OTHERS.contains(name) && !page.equals(contract)) {
					missing.add(name + " (" + ROOT.relativize(page) + ")");
				}
			}));
		assertThat(missing).isEmpty();
		assertThat(named).hasSizeGreaterThan(100);
	}

	private static boolean isThere(String name) {
		if (!name.startsWith("dev.pluggable.")) {
			return declared.contains(name);
		}
		String path = "/java/" + name.replaceAll("\\.\\*?$", "").replace('.', '/');
		return sources.values()
			.stream()
			.flatMap(List::stream)
			.map(Path::toString)
			.anyMatch((source) -> source.endsWith(path + ".java") || source.contains(path + "/"));
	}

}
