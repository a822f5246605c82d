package dev.pluggable.protoc;

import java.io.IOException;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import com.google.protobuf.TextFormat;
import dev.pluggable.proto.contract.v1.ContractProto;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that contracts of all shapes compile without warnings, and have the methods that
 * the {@code .proto} says.
 */
@Timeout(120)
class GeneratorTests {

	@TempDir
	Path work;

	private Path sources;

	@BeforeEach
	void createFolder() throws IOException {
		this.sources = Files.createDirectories(this.work.resolve("sources"));
	}

	private void proto(String name, String content) throws IOException {
		Path file = this.sources.resolve(name);
		Files.createDirectories(file.getParent());
		Files.writeString(file, content);
	}

	private Path overlay(String content) throws IOException {
		return Files.writeString(this.work.resolve("overlay.txtpb"), content);
	}

	/**
	 * Generate and compile everything.
	 */
	private URLClassLoader compile(String parameter) {
		Protoc protoc = new Protoc(this.sources, this.work);
		return new JavaCompilation(this.work).compile(protoc.stubs())
			.compileStrictly(protoc.contracts(parameter))
			.load();
	}

	/**
	 * The methods of a generated interface that are not those of each one, such as
	 * {@code Stream watch(Event)}.
	 */
	private static List<String> methods(URLClassLoader classes, String name) throws ClassNotFoundException {
		Class<?> type = Class.forName(name, false, classes);
		return Arrays.stream(type.getDeclaredMethods())
			.filter((method) -> !method.isSynthetic() && !Set.of("async", "hostService").contains(method.getName()))
			.map(GeneratorTests::describe)
			.sorted()
			.toList();
	}

	private static String describe(Method method) {
		return method.getReturnType().getSimpleName() + " " + method.getName() + "("
				+ Arrays.stream(method.getParameters())
					.map((parameter) -> parameter.getType().getSimpleName() + " " + parameter.getName())
					.collect(Collectors.joining(", "))
				+ ")";
	}

	private String generated(String file) throws IOException {
		return Files.readString(this.work.resolve("contracts").resolve(file));
	}

	@Test
	void methodsOfEachTypeHaveTheirJavaShape() throws Exception {
		proto("shapes.proto", """
				syntax = "proto3";
				package test.shapes;
				import "google/protobuf/empty.proto";
				option java_multiple_files = true;
				service Shapes {
				  rpc Unary(Message) returns (Message);
				  rpc Nothing(google.protobuf.Empty) returns (google.protobuf.Empty);
				  rpc Watch(Message) returns (stream Message);
				  rpc WatchAll(google.protobuf.Empty) returns (stream Message);
				  rpc Upload(stream Message) returns (Message);
				  rpc Chat(stream Message) returns (stream google.protobuf.Empty);
				}
				message Message {}
				""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.shapes.Shapes")).containsExactly("Message unary(Message request)",
					"Stream watch(Message request)", "Stream watchAll()", "StreamObserver chat(StreamObserver answers)",
					"StreamObserver upload(StreamObserver answers)", "void nothing()");
			assertThat(methods(classes, "test.shapes.ShapesAsync")).containsExactly(
					"ClientCallStreamObserver chat(StreamObserver answers)",
					"ClientCallStreamObserver upload(StreamObserver answers)",
					"ClientCallStreamObserver watch(Message request, StreamObserver answers)",
					"ClientCallStreamObserver watchAll(StreamObserver answers)", "CompletableFuture nothing()",
					"CompletableFuture unary(Message request)");
		}
	}

	@Test
	void namesThatJavaTakesGetAnUnderscore() throws Exception {
		proto("names.proto", """
				syntax = "proto3";
				package test.names;
				import "google/protobuf/empty.proto";
				import "pluggable/contract.proto";
				service Names {
				  rpc Switch(Message) returns (Message);
				  rpc class(Message) returns (Message);
				  rpc Wait(google.protobuf.Empty) returns (google.protobuf.Empty);
				  rpc GetClass(google.protobuf.Empty) returns (Message);
				  rpc ToString(google.protobuf.Empty) returns (Message);
				  rpc HashCode(google.protobuf.Empty) returns (Message);
				  rpc Equals(Message) returns (Message);
				  rpc Notify(google.protobuf.Empty) returns (google.protobuf.Empty);
				  rpc Close(google.protobuf.Empty) returns (google.protobuf.Empty);
				  rpc Client(google.protobuf.Empty) returns (Message);
				  rpc Async(google.protobuf.Empty) returns (Message);
				  rpc HostService(google.protobuf.Empty) returns (Message);
				  rpc snake_case_name(Message) returns (Message);
				  rpc Use(Uses) returns (Message);
				}
				message Uses {
				  uint32 class_id = 1 [(pluggable.contract.v1.reference).object = "Names"];
				  uint32 request_id = 2 [(pluggable.contract.v1.reference).object = "Names"];
				  uint32 io = 3 [(pluggable.contract.v1.reference).object = "Names"];
				  uint32 interface = 4 [(pluggable.contract.v1.reference).object = "Other"];
				  string int = 5;
				  uint32 x2y_id = 6 [(pluggable.contract.v1.reference).object = "Names"];
				}
				service Other {}
				message Message { string class = 1; int32 int = 2; }
				""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.names.Names")).containsExactly("Message async_()",
					"Message class_(Message request)", "Message client_()", "Message equals_(Message request)",
					"Message getClass_()", "Message hashCode_()", "Message hostService_()",
					"Message snakeCaseName(Message request)", "Message switch_(Message request)", "Message toString_()",
					"Message use(Uses request, Names class_, Names request_, Names io_, Other interface_, Names x2Y)",
					"void close_()", "void notify_()", "void wait_()");
		}
	}

	@Test
	void objectsThatAreCalledLikeMethodsOfObjectGetAnUnderscore() throws Exception {
		proto("objects.proto",
				"""
						syntax = "proto3";
						package test.taken;
						import "google/protobuf/empty.proto";
						import "pluggable/contract.proto";
						service Taken {
						  rpc Init(Request) returns (google.protobuf.Empty) { option (pluggable.contract.v1.role) = INITIALIZE; }
						  rpc Open(google.protobuf.Empty) returns (Reply);
						}
						service Thing {}
						message Request {
						  uint32 wait_id = 1 [(pluggable.contract.v1.reference).object = "Thing"];
						  uint32 hash_code = 2 [(pluggable.contract.v1.reference).object = "Thing"];
						}
						message Reply {
						  uint32 close_id = 1 [(pluggable.contract.v1.reference).object = "Thing"];
						  uint32 to_string = 2 [(pluggable.contract.v1.reference).object = "Thing"];
						}
						""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.taken.Taken$InitCall")).contains("Thing wait_()", "Thing hashCode_()");
			assertThat(methods(classes, "test.taken.Taken$OpenObjects")).contains("Thing close_()", "Thing toString_()",
					"void close()");
		}
	}

	@Test
	void referencesAreInGroupsAndInFieldsWhoseMethodsWouldMeet() throws Exception {
		String group = "{ %s uint32 thing_id = 2 [(pluggable.contract.v1.reference).object = \"Thing\"]; }";
		proto("proto2.proto", """
				syntax = "proto2";
				package test.two;
				import "pluggable/contract.proto";
				service Two { rpc Do(Request) returns (Reply); }
				service Thing {}
				message Request { optional group MyGroup = 1 %s }
				message Reply { repeated group Other = 1 { required string name = 1; } }
				""".formatted(group.formatted("optional")));
		proto("edition.proto", """
				edition = "2023";
				package test.edition;
				import "pluggable/contract.proto";
				service Edition { rpc Do(Request) returns (Reply); }
				service Thing {}
				message Request {
				  MyGroup mygroup = 1 [features.message_encoding = DELIMITED];
				  message MyGroup %s
				}
				message Reply {}
				""".formatted(group.formatted("")));
		proto("meet.proto", """
				syntax = "proto3";
				package test.meet;
				import "pluggable/contract.proto";
				service Meet { rpc Do(Request) returns (Reply); rpc All(Many) returns (Reply); }
				service Thing {}
				message Many {
				  string name = 1;
				  repeated uint32 things = 2 [(pluggable.contract.v1.reference).object = "Thing"];
				}
				message Request {
				  repeated uint32 thing = 1 [(pluggable.contract.v1.reference).object = "Thing"];
				  uint32 thing_count = 2;
				}
				message Reply {}
				""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.two.Two")).containsExactly("Reply do_(Request request, Thing thing)");
			assertThat(methods(classes, "test.edition.Edition"))
				.containsExactly("Reply do_(Request request, Thing thing)");
			assertThat(methods(classes, "test.meet.Meet")).containsExactly("Reply all(Many request, List things)",
					"Reply do_(Request request, List things)");
		}
	}

	@Test
	@Timeout(30)
	void messagesThatAllReferToEachOtherTakeNoTime() throws Exception {
		StringBuilder proto = new StringBuilder(
				"syntax = \"proto3\";\npackage test.graph;\nservice Graph { rpc Do(M0) returns (M0); }\n");
		for (int i = 0; i < 30; i++) {
			proto.append("message M" + i + " {");
			for (int j = 0; j < 30; j++) {
				proto.append(" M" + j + " f" + j + " = " + (j + 1) + ";");
			}
			proto.append(" }\n");
		}
		proto("graph.proto", proto.toString());
		assertThat(new Protoc(this.sources, this.work).generate("").getFileCount()).isEqualTo(5);
	}

	@Test
	void messagesThatHideTypesOfJavaDoNoHarm() throws Exception {
		proto("hiding.proto",
				"""
						syntax = "proto3";
						package test.hiding;
						import "pluggable/contract.proto";
						option java_multiple_files = true;
						service Hiding {
						  option (pluggable.contract.v1.contract).kind = "hiding";
						  rpc Get(String) returns (Object);
						  rpc Watch(List) returns (stream Stream);
						  rpc Chat(stream StreamObserver) returns (stream Override);
						  rpc Open(.test.hiding.Open) returns (OpenObjects);
						  rpc Give(Nullable) returns (CompletableFuture);
						  rpc Setup(Supplier) returns (Map) { option (pluggable.contract.v1.role) = INITIALIZE; }
						}
						message String {}
						message Object {}
						message List {}
						message Stream {}
						message StreamObserver {}
						message Override {}
						message Open {}
						message OpenObjects {
						  uint32 a_id = 1 [(pluggable.contract.v1.reference).object = "Hidden"];
						  uint32 b_id = 2 [(pluggable.contract.v1.reference).object = "Hidden"];
						}
						message Nullable { uint32 a_id = 1 [(pluggable.contract.v1.reference).object = "Hidden"]; string more = 2; }
						message CompletableFuture {}
						message Supplier { repeated uint32 a_ids = 1 [(pluggable.contract.v1.reference).object = "Hidden"]; }
						message Map {}
						message Deprecated {}
						message Contract {}
						message ContractProxy {}
						message AutoCloseable {}
						service Hidden { rpc Do(.test.hiding.Open) returns (.test.hiding.Open) { option deprecated = true; } }
						""");
		compile("").close();
	}

	@Test
	void messagesOfAllShapesAreRequestsAndAnswers() throws Exception {
		proto("messages.proto", """
				syntax = "proto3";
				package test.messages;
				import "google/protobuf/any.proto";
				import "google/protobuf/duration.proto";
				import "google/protobuf/struct.proto";
				import "google/protobuf/timestamp.proto";
				import "google/protobuf/wrappers.proto";
				option java_outer_classname = "MessagesProto";
				service Messages {
				  rpc All(Everything) returns (Everything);
				  rpc Any(google.protobuf.Any) returns (google.protobuf.Any);
				  rpc Time(google.protobuf.Timestamp) returns (google.protobuf.Duration);
				  rpc Struct(google.protobuf.Struct) returns (google.protobuf.StringValue);
				  rpc Tree(A) returns (A.Inner);
				}
				message Everything {
				  oneof choice { string text = 1; A tree = 2; }
				  map<string, A> map = 3;
				  google.protobuf.Any any = 4;
				  optional int32 maybe = 5;
				  repeated google.protobuf.Timestamp times = 6;
				}
				message A { B b = 1; A a = 2; message Inner { A outer = 1; } }
				message B { A a = 1; repeated B bs = 2; }
				""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.messages.Messages")).containsExactly("Any any(Any request)",
					"Duration time(Timestamp request)", "Everything all(Everything request)", "Inner tree(A request)",
					"StringValue struct(Struct request)");
		}
	}

	@Test
	void aServiceWithoutMethodsHasAContract() throws Exception {
		proto("none.proto", """
				syntax = "proto3";
				package test.none;
				service None {}
				""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.none.None")).isEmpty();
		}
	}

	@Test
	void twoServicesOfOneNameInTwoPackagesDoNotMeet() throws Exception {
		proto("v1/greeter.proto", """
				syntax = "proto3";
				package test.greeter.v1;
				option java_multiple_files = true;
				service Greeter { rpc Greet(Request) returns (Request); }
				message Request {}
				""");
		proto("v2/greeter.proto",
				"""
						syntax = "proto3";
						package test.greeter.v2;
						import "pluggable/contract.proto";
						import "v1/greeter.proto";
						option java_multiple_files = true;
						service Greeter {
						  option (pluggable.contract.v1.contract).kind = "greeter-v2";
						  rpc Greet(Request) returns (Reply);
						  rpc Old(test.greeter.v1.Request) returns (Reply);
						}
						message Request { uint32 old_id = 1 [(pluggable.contract.v1.reference).object = "test.greeter.v1.Greeter"]; }
						message Reply { uint32 greeter_id = 1 [(pluggable.contract.v1.reference).object = "Greeter"]; }
						""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.greeter.v1.Greeter")).containsExactly("Request greet(Request request)");
			assertThat(methods(classes, "test.greeter.v2.Greeter")).containsExactly("Greeter greet(Greeter old)",
					"Greeter old(Request request)", "Greeter old(Supplier request)");
		}
	}

	@Test
	void aFileWithoutPackageHasContractsInTheUnnamedPackage() throws Exception {
		proto("plain.proto", """
				syntax = "proto3";
				service Plain { rpc Do(Message) returns (Message); }
				message Message { string name = 1; }
				""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "Plain")).containsExactly("Message do_(Message request)");
		}
	}

	@Test
	void filesOfProto2AndOfEditionsHaveContracts() throws Exception {
		proto("two.proto", """
				syntax = "proto2";
				package test.two;
				service Two { rpc Do(Message) returns (Message); }
				message Message { optional string name = 1; required int32 number = 2; }
				""");
		proto("edition2023.proto",
				"""
						edition = "2023";
						package test.edition2023;
						import "pluggable/contract.proto";
						service Edition { rpc Do(Message) returns (Message); }
						message Message { uint32 other_id = 1 [(pluggable.contract.v1.reference).object = "Edition"]; string name = 2; }
						""");
		proto("edition2024.proto", """
				edition = "2024";
				package test.edition2024;
				service Edition { rpc Do(Message) returns (Message); }
				message Message { string name = 1; }
				""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.two.Two")).containsExactly("Message do_(Message request)");
			assertThat(methods(classes, "test.edition2023.Edition")).containsExactly(
					"DoObjects do_(Message request, Edition other)", "DoObjects do_(Supplier request, Edition other)");
			assertThat(methods(classes, "test.edition2024.Edition")).containsExactly("Message do_(Message request)");
		}
	}

	@Test
	void deprecatedMethodsStayDeprecatedAndNothingElseWarns() throws Exception {
		proto("old.proto", """
				syntax = "proto3";
				package test.old;
				import "pluggable/contract.proto";
				service Old {
				  option deprecated = true;
				  // Old.
				  rpc Do(Message) returns (Message) { option deprecated = true; }
				}
				service User {
				  rpc Use(Message) returns (Message);
				  rpc Again(Message) returns (Message) { option deprecated = true; }
				}
				message Message {
				  option deprecated = true;
				  uint32 old_id = 1 [(pluggable.contract.v1.reference).object = "Old", deprecated = true];
				  string name = 2;
				}
				""");
		try (URLClassLoader classes = compile("")) {
			Class<?> user = Class.forName("test.old.User", false, classes);
			assertThat(Class.forName("test.old.Old", false, classes)).hasAnnotation(Deprecated.class);
			assertThat(user.isAnnotationPresent(Deprecated.class)).isFalse();
			assertThat(Arrays.stream(user.getMethods())
				.filter((method) -> method.isAnnotationPresent(Deprecated.class))
				.map(Method::getName)).containsOnly("again");
		}
	}

	@Test
	void commentsAreShownAsTheyAre() throws Exception {
		proto("comments.proto", """
				syntax = "proto3";
				package test.comments;
				// Ends a comment: */ and an @annotation, a <tag>, an &entity; a {@link Brace} and \\u0041.
				//
				// Größe in µm, 東京.
				service Comments {
				  // @return nothing at all </p> */
				  rpc Do(Message) returns (Message);
				  rpc Bare(Message) returns (Message); // Behind the method.
				  /* A block
				   * of two lines. */
				  rpc Block(Message) returns (Message);
				}
				message Message {}
				""");
		compile("").close();
		assertThat(generated("test/comments/Comments.java"))
			.contains(
					"""
							/**
							 * Ends a comment: *&#47; and an &#64;annotation, a &lt;tag&gt;, an &amp;entity; a &#123;&#64;link Brace&#125; and &#92;u0041.
							 * <p>
							 * Größe in µm, 東京.
							 */
							""")
			.contains("\t * &#64;return nothing at all &lt;/p&gt; *&#47;\n")
			.contains("\t * Behind the method.\n")
			.contains("\t * A block\n\t * of two lines.\n");
	}

	@Test
	void referencesInRequestsAndAnswersAreObjects() throws Exception {
		proto("objects.proto",
				"""
						syntax = "proto3";
						package test.objects;
						import "google/protobuf/empty.proto";
						import "pluggable/contract.proto";
						option (pluggable.contract.v1.object) = { name: "Provider" services: ["Reader", "Writer", "Service"] };
						service Plugin {
						  option (pluggable.contract.v1.contract) = { with: ["Service"] };
						  rpc Put(PutRequest) returns (google.protobuf.Empty);
						  rpc OnlyObjects(ObjectsRequest) returns (google.protobuf.Empty);
						  rpc NewProvider(ProviderRequest) returns (ProviderReply);
						  rpc Open(google.protobuf.Empty) returns (OpenReply);
						}
						service Service {
						  rpc Name(google.protobuf.Empty) returns (ProviderRequest);
						  rpc Close(google.protobuf.Empty) returns (google.protobuf.Empty) { option (pluggable.contract.v1.role) = CLOSE; }
						}
						service Reader { rpc Read(ProviderRequest) returns (ProviderRequest); }
						service Writer { rpc Write(ProviderRequest) returns (stream ProviderRequest); }
						service Helper { rpc Help(ProviderRequest) returns (ProviderRequest); }
						message PutRequest {
						  string key = 1;
						  uint64 helper_id = 2 [(pluggable.contract.v1.reference) = { object: "Helper" id: 1 lifetime: PROCESS }];
						  repeated uint32 reader_ids = 3 [(pluggable.contract.v1.reference) = { object: "Reader" lifetime: PROCESS }];
						  optional int32 provider = 4 [(pluggable.contract.v1.reference) = { object: "Provider" lifetime: PROCESS }];
						  Nested nested = 5;
						}
						message Nested { Deep deep = 1; string name = 2; }
						message Deep { int64 writer_id = 1 [(pluggable.contract.v1.reference) = { object: "test.objects.Writer" lifetime: PROCESS }]; }
						message ObjectsRequest { uint32 helper_id = 1 [(pluggable.contract.v1.reference).object = "Helper"]; }
						message ProviderRequest { string name = 1; }
						message ProviderReply { uint32 provider_id = 1 [(pluggable.contract.v1.reference).object = "Provider"]; }
						message OpenReply {
						  int64 left_id = 1 [(pluggable.contract.v1.reference).object = "Helper"];
						  Right right = 2;
						  string version = 3;
						}
						message Right { uint32 right_id = 1 [(pluggable.contract.v1.reference).object = "Reader"]; }
						""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.objects.Plugin")).containsExactly("OpenObjects open()",
					"Provider newProvider(ProviderRequest request)", "Provider newProvider(Supplier request)",
					"void onlyObjects(Helper helper)",
					"void put(PutRequest request, Helper helper, List readers, Provider provider, Writer writer)");
			assertThat(methods(classes, "test.objects.Plugin$OpenObjects")).containsExactly("Helper left()",
					"OpenObjects of(OpenReply reply, Helper left, Reader right)", "OpenReply reply()", "Reader right()",
					"void close()");
			assertThat(Class.forName("test.objects.Plugin", false, classes).getInterfaces())
				.extracting(Class::getSimpleName)
				.contains("Service");
			assertThat(Class.forName("test.objects.Provider", false, classes).getInterfaces())
				.extracting(Class::getSimpleName)
				.containsExactly("Reader", "Writer", "Service");
			assertThat(methods(classes, "test.objects.Service")).containsExactly("ProviderRequest name()");
		}
	}

	@Test
	void rolesAreInTheKind() throws Exception {
		proto("roles.proto",
				"""
						syntax = "proto3";
						package test.roles;
						import "google/protobuf/empty.proto";
						import "pluggable/contract.proto";
						service Backend {
						  rpc Setup(SetupRequest) returns (SetupReply) { option (pluggable.contract.v1.role) = INITIALIZE; }
						  rpc Ready(google.protobuf.Empty) returns (google.protobuf.Empty) { option (pluggable.contract.v1.role) = PING; }
						  rpc Report(google.protobuf.Empty) returns (ReportReply) { option (pluggable.contract.v1.role) = HEALTH; }
						  rpc Cleanup(SetupReply) returns (google.protobuf.Empty) { option (pluggable.contract.v1.role) = CLOSE; }
						  rpc Do(SetupReply) returns (SetupReply);
						}
						service Storage { rpc Get(SetupReply) returns (SetupReply); }
						message SetupRequest {
						  string path = 1;
						  uint32 storage_id = 2 [(pluggable.contract.v1.reference) = { object: "Storage" id: 1 }];
						}
						message SetupReply {}
						message ReportReply { map<string, string> parts = 1; }
						""");
		try (URLClassLoader classes = compile("")) {
			assertThat(methods(classes, "test.roles.Backend")).containsExactly("ReportReply report()",
					"SetupReply do_(SetupReply request)", "SetupReply setup(SetupRequest request, Storage storage)");
			assertThat(methods(classes, "test.roles.Backend$Initializer"))
				.containsExactly("SetupCall setup(ComponentContext context)");
			assertThat(methods(classes, "test.roles.BackendKind")).contains("CompletionStage health(Channel channel)",
					"CompletionStage ping(Channel channel)", "Initialization initialization(ComponentContext context)",
					"boolean initializes()");
		}
	}

	@Test
	void anOverlaySaysTheSameForAForeignFile() throws Exception {
		proto("foreign.proto", """
				syntax = "proto3";
				package proto;
				import "google/protobuf/empty.proto";
				service Counter {
				  rpc Put(PutRequest) returns (google.protobuf.Empty);
				  rpc Stop(google.protobuf.Empty) returns (google.protobuf.Empty);
				  rpc NewStore(google.protobuf.Empty) returns (StoreReply);
				}
				service AddHelper { rpc Sum(PutRequest) returns (PutRequest); }
				service Reads { rpc Read(PutRequest) returns (PutRequest); }
				message PutRequest { uint32 add_server = 1; string key = 2; }
				message StoreReply { uint32 store = 1; }
				service Names { rpc Name(google.protobuf.Empty) returns (PutRequest); }
				""");
		Path overlay = overlay("""
				# What the foreign file does not say.
				field { name: "proto.PutRequest.add_server" reference { object: "AddHelper" } }
				field { name: "proto.StoreReply.store" reference { object: "Store" } }
				method { name: "proto.Counter.Stop" role: CLOSE }
				method { name: "proto.Counter.Put" java_method: "write" }
				service { name: "proto.Counter" contract { kind: "counters" java_name: "Counters" } }
				object { name: "proto.Store" services: ["proto.Reads", "proto.Names"] }
				""");
		try (URLClassLoader classes = compile("overlay=" + overlay)) {
			assertThat(methods(classes, "proto.Counters")).containsExactly("Store newStore()",
					"void write(PutRequest request, AddHelper addServer)");
			assertThat(Class.forName("proto.Store", false, classes).getInterfaces()).extracting(Class::getSimpleName)
				.containsExactly("Reads", "Names");
			assertThat(generated("proto/CountersKind.java")).contains("super(\"counters\", ");
		}
	}

	/**
	 * The contract and the overlay of the page for users.
	 */
	@Test
	void theExamplesOfTheDocumentationAreGenerated() throws Exception {
		String page = Files.readString(Path.of("../docs/own-contracts.md"));
		proto("archive.proto", block(page, "proto"));
		try (URLClassLoader classes = compile("")) {
			new JavaCompilation(this.work).compileStrictly(Path.of("src/test/contracts/archive"));
			assertThat(methods(classes, "com.example.archive.Archive")).containsExactly(
					"Document open(OpenRequest request, Audit audit)", "Document open(Supplier request, Audit audit)");
			assertThat(methods(classes, "com.example.archive.Document"))
				.containsExactly("Page read(ReadRequest request)", "Stream follow()");
		}
		assertThat(TextFormat.parse(block(page, "textproto"), ContractProto.Overlay.class).getFieldCount()).isOne();
	}

	private static String block(String page, String language) {
		String begin = "```" + language + "\n";
		int start = page.indexOf(begin) + begin.length();
		return page.substring(start, page.indexOf("```", start));
	}

}
