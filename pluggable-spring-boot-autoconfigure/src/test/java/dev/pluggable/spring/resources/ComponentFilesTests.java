package dev.pluggable.spring.resources;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentType;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.host.SecretReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.core.io.DefaultResourceLoader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ComponentFiles} and the parsers of component files.
 */
class ComponentFilesTests {

	private static final String SECRET = "s3cret";

	private static final ApplicationIdentity SHOP = new ApplicationIdentity("shop", "prod");

	@TempDir
	Path folder;

	private final Map<String, String> environment = new HashMap<>();

	private final RecordedLog log = new RecordedLog();

	@BeforeEach
	void listen() {
		logger().setLevel(Level.DEBUG);
		logger().addAppender(this.log);
	}

	@AfterEach
	void nothingIsGivenAway() {
		logger().detachAppender(this.log);
		logger().setLevel(null);
		assertThat(messages(Level.TRACE)).noneMatch((message) -> message.contains(SECRET));
	}

	private static Logger logger() {
		return (Logger) LoggerFactory.getLogger(ComponentFiles.class.getPackageName());
	}

	private List<String> messages(Level least) {
		return this.log.events()
			.stream()
			.filter((event) -> event.getLevel().isGreaterOrEqual(least))
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	private Path write(String name, String content) {
		try {
			return Files.writeString(this.folder.resolve(name), content);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private List<ComponentDeclaration> read(ApplicationIdentity application, String... locations) {
		return new ComponentFiles(List.of(locations), Set::of, new DefaultResourceLoader(), this.environment::get)
			.declarations(HostSettings.defaultComponentSettings(), application);
	}

	private List<ComponentDeclaration> read() {
		return read(SHOP, "file:" + this.folder);
	}

	private List<String> names() {
		return read().stream().map(ComponentDeclaration::name).toList();
	}

	private ComponentDeclaration readOne(String content) {
		write("one.yaml", content);
		List<ComponentDeclaration> declarations = read();
		assertThat(declarations).hasSize(1);
		return declarations.get(0);
	}

	/**
	 * Assert that a file is refused with a problem and an action. Line 0 means the whole
	 * file.
	 */
	private void assertRefused(String content, int line, String problem, String action) {
		Path file = write("bad.yaml", content);
		assertThatExceptionOfType(ComponentFileException.class).isThrownBy(this::read).satisfies((ex) -> {
			assertThat(ex).hasMessageContaining("'" + file + "'" + ((line > 0) ? ", line " + line + ": " : ": "))
				.hasMessageContaining(problem)
				.hasNoCause();
			assertThat(ex.action()).contains(action);
			assertThat(ex.getMessage() + ex.action()).doesNotContain(SECRET);
		});
	}

	private static String component(String name, String... lines) {
		return "apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: " + name
				+ "\nspec:\n  type: state.redis\n" + String.join("\n", lines) + "\n";
	}

	private static String metadata(String... lines) {
		return component("orders", "  metadata:\n" + String.join("\n", lines));
	}

	@Test
	void whenAFileSaysEverythingThenAllOfItIsRead() {
		ComponentDeclaration declaration = readOne("""
				# A comment
				apiVersion: dapr.io/v1alpha1
				kind: Component
				metadata:
				  name: orders
				  namespace: prod
				  labels: { a: b }
				spec:
				  type: state.Redis
				  version: v1
				  initTimeout: 1m30s
				  ignoreErrors: true
				  metadata:
				  - name: redisHost
				    value: localhost:6379
				  - name: enableTLS
				    value: true
				  - name: maxRetries
				    value: 10
				  - name: quoted
				    value: "010"
				  - name: nothing
				    value:
				  - name: absent
				  - name: text
				    value: |
				      two
				      lines
				scopes:
				- shop
				- other
				""");
		assertThat(declaration.name()).isEqualTo("orders");
		assertThat(declaration.type()).isEqualTo(ComponentType.of("state.redis"));
		assertThat(declaration.required()).isFalse();
		assertThat(declaration.settings().initTimeout()).isEqualTo(Duration.ofSeconds(90));
		assertThat(declaration.settings().callTimeout())
			.isEqualTo(HostSettings.defaultComponentSettings().callTimeout());
		assertThat(declaration.metadata()).isEqualTo(Map.of("redisHost", "localhost:6379", "enableTLS", "true",
				"maxRetries", "10", "quoted", "010", "nothing", "", "absent", "", "text", "two\nlines\n"));
		assertThat(declaration.origin())
			.isEqualTo("the component file '" + this.folder.resolve("one.yaml") + "', line 5");
		assertThat(messages(Level.INFO)).isEmpty();
	}

	@Test
	void whenAFileSaysLittleThenTheRestIsByDefault() {
		ComponentDeclaration declaration = readOne(component("orders"));
		assertThat(declaration.required()).isTrue();
		assertThat(declaration.metadata()).isEmpty();
		assertThat(declaration.settings()).isEqualTo(HostSettings.defaultComponentSettings());
	}

	@Test
	void whenAFolderHasManyFilesThenTheYamlOfItIsReadByName() throws IOException {
		write("b.yml", component("b"));
		write("a.YAML", component("a1") + "---\n# nothing\n---\n" + component("a2") + "...\n---\n");
		write("c.txt", "no: [yaml");
		write("d.yaml.bak", "no: [yaml");
		write("empty.yaml", "");
		write("comment.yaml", "# nothing\n");
		Files.createDirectories(this.folder.resolve("below"));
		Files.writeString(this.folder.resolve("below/e.yaml"), component("e"));
		Files.createSymbolicLink(this.folder.resolve("z.yaml"), this.folder.resolve("below/e.yaml"));
		assertThat(names()).containsExactly("a1", "a2", "b", "e");
	}

	@Test
	void whenAFileIsNamedThenItAloneIsRead() {
		Path file = write("a.yaml", component("a"));
		write("b.yaml", component("b"));
		assertThat(read(SHOP, "file:" + file)).extracting(ComponentDeclaration::name).containsExactly("a");
		assertThat(read(SHOP, " " + file + " ")).extracting(ComponentDeclaration::name).containsExactly("a");
		assertThat(read(SHOP, "file://" + file)).extracting(ComponentDeclaration::name).containsExactly("a");
	}

	@Test
	void whenFilesAreOnTheClassPathThenTheyAreRead() {
		assertThat(read(SHOP, "classpath:/components")).extracting(ComponentDeclaration::name)
			.containsExactly("first", "second");
		assertThat(read(SHOP, "classpath:components/second.yaml")).extracting(ComponentDeclaration::name)
			.containsExactly("second");
		assertThat(read(SHOP, "classpath:/components/").get(0).origin())
			.isEqualTo("the component file 'classpath:components/first.yml', line 4");
	}

	@ParameterizedTest
	@ValueSource(strings = { "file:/no/such/folder", "/no/such/file.yaml", "classpath:/none", "classpath:none/a.yaml" })
	void whenThereIsNoSuchPlaceThenItMustBeOptional(String location) {
		assertThatExceptionOfType(ComponentFileException.class).isThrownBy(() -> read(SHOP, location))
			.withMessageContaining("'" + location + "'")
			.satisfies(
					(ex) -> assertThat(ex.action()).contains("'optional:" + location + "'", "'pluggable.resources'"));
		assertThat(read(SHOP, "optional:" + location)).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://localhost/a.yaml", "classpath*:/components", "classpath:/comp*", "", "optional:" })
	void whenAPlaceIsNoFileThenItIsRefused(String location) {
		assertThatExceptionOfType(ComponentFileException.class).isThrownBy(() -> read(SHOP, location))
			.withMessageContaining("'pluggable.resources'")
			.satisfies((ex) -> assertThat(ex.action()).contains("'file:/etc/components'"));
	}

	@Test
	void whenANamedFileIsNotYamlByItsNameThenItIsRefused() {
		Path file = write("a.json", "{}");
		assertThatExceptionOfType(ComponentFileException.class).isThrownBy(() -> read(SHOP, "file:" + file))
			.withMessageContaining(file.toString());
	}

	@Test
	void whenAComponentIsForAnotherApplicationThenItIsPassedOverWhateverElseItSays() {
		write("a.yaml", component("a", "  version: v9", "scopes: [other, another]"));
		write("b.yaml", component("b", "scopes: [other, shop]"));
		write("c.yaml", component("a", "scopes: []"));
		assertThat(names()).containsExactly("b", "a");
		assertThat(messages(Level.INFO)).isEmpty();
		assertThat(messages(Level.DEBUG)).singleElement().asString().contains("a.yaml', line 4", "other");
	}

	@Test
	void whenTheApplicationHasNoIdThenTheLogSaysWhyScopedComponentsAreMissing() {
		write("a.yaml", component("a", "scopes: [shop]"));
		assertThat(read(ApplicationIdentity.UNKNOWN, "file:" + this.folder)).isEmpty();
		assertThat(messages(Level.WARN)).singleElement().asString().contains("'pluggable.application.id'");
	}

	@ParameterizedTest
	@CsvSource({ "prod,prod,true", "other,prod,false", "'',prod,true", "other,'',true" })
	void whenBothHaveANamespaceThenItMustBeTheSame(String theirs, String ours, boolean meant) {
		write("a.yaml", component("a").replace("  name: a", "  name: a\n  namespace: \"" + theirs + "\""));
		assertThat(read(new ApplicationIdentity("shop", ours), "file:" + this.folder)).hasSize(meant ? 1 : 0);
	}

	@Test
	void whenAFileIsOfAnotherKindThenItIsPassedOver() {
		List<String> kinds = List.of("Configuration", "Subscription", "Resiliency", "HTTPEndpoint", "Secret");
		List<String> documents = new ArrayList<>();
		kinds.forEach((kind) -> documents.add("apiVersion: dapr.io/v2alpha1\nkind: " + kind + "\n"));
		documents.add(component("a"));
		write("all.yaml", String.join("---\n", documents));
		assertThat(names()).containsExactly("a");
		assertThat(messages(Level.INFO)).hasSameSizeAs(kinds).allSatisfy((line) -> assertThat(line).contains("line"));
	}

	@Test
	void whenAComponentIsOfAKindThatOnlyDaprHasThenItIsPassedOver() {
		write("a.yaml", component("a").replace("state.redis", "middleware.http.oauth2"));
		assertThat(names()).isEmpty();
		assertThat(messages(Level.INFO)).singleElement().asString().contains("'middleware'", "a.yaml', line 4");
		assertThat(new ComponentFiles(List.of("file:" + this.folder), () -> Set.of("middleware"),
				new DefaultResourceLoader(), this.environment::get)
			.declarations(HostSettings.defaultComponentSettings(), SHOP)).hasSize(1);
	}

	@Test
	void whenWeHaveAKindThenItIsNotOnlyOfDapr() {
		try (ComponentHost host = new ComponentHost(HostSettings.defaults())) {
			assertThat(host.registry().kinds()).extracting((kind) -> kind.typePrefix())
				.isNotEmpty()
				.doesNotContainAnyElementsOf(ComponentFiles.FOREIGN_KINDS);
		}
	}

	@Test
	void whenANameOccursTwiceThenBothPlacesAreNamed() {
		Path first = write("a.yaml", component("orders"));
		Path second = write("b.yaml", "\n" + component("orders"));
		assertThatExceptionOfType(ComponentFileException.class).isThrownBy(this::read)
			.withMessageContainingAll("'orders'", "'" + first + "', line 4", "'" + second + "', line 5");
	}

	@Test
	void whenAValueRefersToTheEnvironmentThenItIsFilledIn() {
		this.environment.put("REDIS_HOST", "10");
		this.environment.put("TEMPLATE", "{appID}");
		assertThat(readOne(metadata("  - name: host", "    envRef: REDIS_HOST", "  - name: id", "    envRef: TEMPLATE",
				"    value: ''"))
			.metadata()).isEqualTo(Map.of("host", "10", "id", "shop"));
	}

	@Test
	void whenAVariableIsNotSetThenTheValueIsEmptyAndTheLogSaysSo() {
		assertThat(readOne(metadata("  - name: host", "    envRef: REDIS_HOST")).metadata())
			.isEqualTo(Map.of("host", ""));
		assertThat(messages(Level.WARN)).singleElement().asString().contains("'REDIS_HOST'", "one.yaml', line 9");
	}

	@ParameterizedTest
	@ValueSource(strings = { "DAPR_API_TOKEN", "dapr_x", "APP_API_TOKEN", "app_api_token", "A B" })
	void whenAVariableIsOneOfDaprThenItIsRefused(String variable) {
		this.environment.put(variable, SECRET);
		assertRefused(metadata("  - name: host", "    envRef: " + variable), 9, "'" + variable + "'", "DAPR_");
	}

	@Test
	void whenAValueHasTemplatesThenTheyAreReplaced() {
		this.environment.put("POD_NAME", "shop-0");
		Map<String, String> metadata = readOne(metadata("  - name: a", "    value: '{podName}/{namespace}/{appID}'",
				"  - name: b", "    value: '{uuid} {uuid}'", "  - name: c", "    value: '{other} {appid}'"))
			.metadata();
		assertThat(metadata).containsEntry("a", "shop-0/prod.shop/shop").containsEntry("c", "{other} {appid}");
		String[] ids = metadata.getOrDefault("b", "").split(" ");
		assertThat(ids).hasSize(2).doesNotHaveDuplicates().allSatisfy(UUID::fromString);
	}

	/**
	 * Replacing the templates one by one in the whole value would take minutes.
	 */
	@Test
	@Timeout(60)
	void whenAValueHasVeryManyTemplatesThenTheTimeIsLinear() {
		int count = 170_000;
		String value = readOne(metadata("  - name: a", "    value: '" + "{uuid}".repeat(count) + "'")).metadata()
			.getOrDefault("a", "");
		assertThat(value).hasSize(36 * count);
	}

	@Test
	void whenATemplateCannotBeReplacedThenTheFileIsRefused() {
		assertRefused(metadata("  - name: a", "    value: '" + SECRET + "{podName}'"), 9, "'{podName}'", "'POD_NAME'");
		for (String template : List.of("{namespace}", "{appID}")) {
			write("bad.yaml", metadata("  - name: a", "    value: '" + template + "'"));
			assertThatExceptionOfType(ComponentFileException.class)
				.isThrownBy(() -> read(new ApplicationIdentity("", "prod"), "file:" + this.folder))
				.withMessageContainingAll(template, "line 9")
				.satisfies((ex) -> assertThat(ex.action()).contains("'pluggable.application.id'"));
		}
	}

	@Test
	void whenAFieldIsNotKnownThenTheLogNamesIt() {
		assertThat(
				readOne(component("orders", "  initTimout: 3s", "  metadata:", "  - name: a", "    valeu: " + SECRET))
					.metadata())
			.isEqualTo(Map.of("a", ""));
		assertThat(messages(Level.WARN)).anyMatch((line) -> line.contains("'spec.initTimout'"))
			.anyMatch((line) -> line.contains("'spec.metadata[].valeu'") && line.contains("line 10"))
			.hasSize(2);
	}

	@Test
	void whenAnAliasIsUsedThenItStandsForItsAnchor() {
		assertThat(readOne("x-shared: &shared 7\n" + metadata("  - name: a", "    value: *shared")).metadata())
			.isEqualTo(Map.of("a", "7"));
	}

	@Test
	void whenAFileIsNotYamlThenItsLineIsNamed() {
		assertRefused(metadata("  - name: a", "    value: *" + SECRET), 9, "'*'", "quotes");
		assertRefused(metadata("  - name: a", "    value: @" + SECRET), 9, "character", "quotes");
		assertRefused(metadata("  - name: a", "\tvalue: " + SECRET), 9, "character", "spaces");
		assertRefused(metadata("  - name: a", "    value: " + SECRET + ": x: y"), 9, "':'", "quotes");
		assertRefused(metadata("  - name: a", "    value: \"" + SECRET), 10, "not valid YAML", "quotes");
		assertRefused(metadata("  - name: a", "   value: [" + SECRET), 9, "not valid YAML", "indentation");
		assertRefused("a: b\nc: \u0001" + SECRET + "\n", 2, "character", "quotes");
		assertRefused("!!javax.script.ScriptEngineManager [" + SECRET + "]", 1, "tag", "'!'");
		assertRefused("- " + SECRET, 1, "the document must consist of", "name");
		assertRefused(SECRET, 1, "the document must consist of", "name");
	}

	@Test
	void whenAFileHasTagsThenItIsRefused() {
		assertRefused(metadata("  - name: a", "    value: !!str 7"), 9, "tag", "quotes");
		assertRefused(metadata("  - name: a", "    value: !secret " + SECRET), 9, "tag", "quotes");
		assertRefused(metadata("  - name: a", "    value: !!binary " + SECRET), 9, "tag", "quotes");
		assertRefused(component("orders").replace("spec:", "spec: !!java.util.Date"), 5, "tag", "'!'");
		assertRefused(component("orders").replace("spec:", "spec: !own"), 5, "'spec'", "name");
		assertRefused(component("orders").replace("spec:", "spec: !e!own"), 5, "tag", "'!'");
	}

	@Test
	void whenAFileIsABombThenItIsRefused() {
		StringBuilder laughs = new StringBuilder("a0: &a0 [x]\n");
		for (int i = 1; i < 60; i++) {
			laughs.append("a%d: &a%d [*a%d,*a%d]\n".formatted(i, i, i - 1, i - 1));
		}
		assertRefused(laughs.toString(), 0, "aliases", "aliases");
		assertRefused("a: " + "[".repeat(100) + "]".repeat(100), 0, "deeper", "aliases");
		assertRefused("#" + "x".repeat(ComponentFile.MAX_SIZE), 0, "1048576 bytes", "several files");
		assertRefused("&a\n<<: *a\n", 2, "'<<' is not supported", "Write out");
		assertRefused(component("a").replace("spec:", "spec: &a").replace("type:", "metadata: *a\n  type:"), 5,
				"'spec.metadata' must be a list", "'- '");
	}

	@Test
	void whenAFileIsNotUtf8ThenItIsRefused() throws IOException {
		Path file = this.folder.resolve("latin.yaml");
		Files.write(file, "# \u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
		assertThatExceptionOfType(ComponentFileException.class).isThrownBy(this::read)
			.withMessageContainingAll(file.toString(), "UTF-8");
	}

	@Test
	void whenAFileBeginsWithAMarkOfItsEncodingThenItIsRead() {
		assertThat(readOne("\ufeff" + component("orders")).name()).isEqualTo("orders");
	}

	@Test
	void whenTheHeadIsWrongThenItIsExplained() {
		assertRefused("spec:\n  type: state.redis\n", 1, "'kind' is missing", "kind: Component");
		assertRefused("kind: component\n", 1, "'kind' is 'component'", "kind: Component");
		assertRefused("kind: Component\n", 1, "'apiVersion' is missing", "apiVersion: dapr.io/v1alpha1");
		assertRefused("kind: Component\napiVersion: v1\n", 2, "'apiVersion' is 'v1'", "apiVersion: dapr.io/v1alpha1");
		assertRefused("kind: Component\napiVersion: dapr.io/v1alpha1\n", 1, "'metadata' is missing", "value");
		assertRefused(component(""), 4, "'metadata.name' is missing", "value");
		assertRefused(component("a").replace("metadata:\n  name: a", "metadata: a"), 3, "'metadata' must consist",
				"name");
	}

	@Test
	void whenTheSpecificationIsWrongThenItIsExplained() {
		String head = "kind: Component\napiVersion: dapr.io/v1alpha1\nmetadata:\n  name: a\n";
		assertRefused(head, 1, "'spec' is missing", "value");
		assertRefused(head + "spec:\n  version: v1\n", 6, "'spec.type' is missing", "value");
		assertRefused(head + "spec:\n  type: redis\n", 6, "'spec.type' is not a type", "state.redis");
		assertRefused(component("a", "  version: v2"), 7, "there is no version 'v2'", "version: v1");
		assertRefused(component("a", "  ignoreErrors: 'true'"), 7, "neither true nor false", "without quotes");
		assertRefused(component("a", "  ignoreErrors: 1"), 7, "neither true nor false", "without quotes");
		assertRefused(component("a", "scopes: shop"), 7, "'scopes' must be a list", "'- '");
		assertRefused(component("a", "scopes: [[shop]]"), 7, "'scopes' must be a single value", "one value");
		assertRefused(component("a", "spec: {}"), 7, "'spec' occurs twice", "Remove");
		for (String timeout : List.of("30", "PT30S", "-3s", "9000h")) {
			assertRefused(component("a", "  initTimeout: " + timeout), 7, "'spec.initTimeout'", "'1m30s'");
		}
	}

	@Test
	void whenTheMetadataIsWrongThenItIsExplained() {
		assertRefused(metadata("    host: " + SECRET), 8, "'spec.metadata' must be a list", "'- '");
		assertRefused(metadata("  - " + SECRET), 8, "must consist of named fields", "name: value");
		assertRefused(metadata("  - value: " + SECRET), 8, "'spec.metadata[].name' is missing", "value");
		assertRefused(metadata("  - name: a", "    value: [" + SECRET + "]"), 9, "must be a single value", "quotes");
		assertRefused(metadata("  - name: a", "    value: .inf"), 9, "number", "quotes");
		assertRefused(metadata("  - name: a", "    value: " + SECRET, "  - name: a"), 10, "'a' is given twice",
				"Remove");
		assertRefused(metadata("  - name: a", "    value: " + SECRET, "    envRef: B"), 8, "more than one of", "one");
	}

	@Test
	void whenAValueIsASecretThenItIsReferredTo() {
		ComponentDeclaration declaration = readOne(
				metadata("  - name: password", "    secretKeyRef:", "      name: redis", "      key: pw",
						"  - name: token", "    value: ''", "    secretKeyRef: { name: token }", "  - name: plain",
						"    value: '{other}'", "auth:", "  secretStore: vault"));
		assertThat(declaration.metadata()).isEqualTo(Map.of("plain", "{other}"));
		assertThat(declaration.secrets()).isEqualTo(Map.of("password", new SecretReference("vault", "redis", "pw"),
				"token", new SecretReference("vault", "token", "token")));
	}

	@Test
	void whenAReferenceToASecretIsWrongThenItIsExplained() {
		String auth = "auth: { secretStore: vault }";
		assertRefused(metadata("  - name: a", "    secretKeyRef: { name: b }"), 9, "'auth.secretStore'",
				"'  secretStore: <name>'");
		assertRefused(metadata("  - name: a", "    secretKeyRef: { key: b }", auth), 9,
				"'spec.metadata[].secretKeyRef.name' is missing", "value");
		assertRefused(metadata("  - name: a", "    secretKeyRef: b", auth), 9, "must consist of named fields", "name");
		assertRefused(metadata("  - name: a", "    value: " + SECRET, "    secretKeyRef: { name: b }", auth), 8,
				"more than one of", "one");
		assertRefused(metadata("  - name: a", "    envRef: B", "    secretKeyRef: { name: b }", auth), 8,
				"more than one of", "one");
		assertRefused(metadata("  - name: a", "    secretKeyRef: { name: b }", "  - name: a", auth), 10,
				"'a' is given twice", "Remove");
	}

	@Test
	void whenTheTimeoutIsZeroThenTheDefaultHolds() {
		assertThat(readOne(component("orders", "  initTimeout: 0s")).settings())
			.isEqualTo(HostSettings.defaultComponentSettings());
	}

	@Test
	void whenThereIsNoParserThenItIsNamedOnlyIfThereAreFiles() {
		DefaultResourceLoader loader = new DefaultResourceLoader(new FilteredClassLoader("org.yaml.snakeyaml"));
		assertThat(new ComponentFiles(List.of(), Set::of, loader, this.environment::get)
			.declarations(HostSettings.defaultComponentSettings(), SHOP)).isEmpty();
		assertThatExceptionOfType(ComponentFileException.class)
			.isThrownBy(() -> new ComponentFiles(List.of("file:" + this.folder), Set::of, loader, this.environment::get)
				.declarations(HostSettings.defaultComponentSettings(), SHOP))
			.satisfies((ex) -> assertThat(ex.action()).contains("org.yaml:snakeyaml"));
	}

}
