package dev.pluggable.protoc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that what is wrong in a {@code .proto} or an overlay is an error that names the
 * place and what to change.
 */
@Timeout(60)
class FaultTests {

	private static final String HEADER = """
			syntax = "proto3";
			package test;
			import "google/protobuf/empty.proto";
			import "pluggable/contract.proto";
			service Thing { rpc Get(google.protobuf.Empty) returns (google.protobuf.Empty); }
			message Plain { string name = 1; }
			""";

	@TempDir
	Path work;

	private Path sources;

	@BeforeEach
	void createFolder() throws IOException {
		this.sources = Files.createDirectories(this.work.resolve("sources"));
	}

	/**
	 * Generate from the header, whose lines are 1 to 6, and more lines.
	 * @return the error
	 */
	private String error(String lines, String parameter) throws IOException {
		Files.writeString(this.sources.resolve("a.proto"), HEADER + lines);
		return new Protoc(this.sources, this.work).generate(parameter).getError();
	}

	private String overlayError(String overlay) throws IOException {
		Path file = Files.writeString(this.work.resolve("overlay.txtpb"), overlay);
		return error("service S { rpc Do(Request) returns (stream Plain); rpc Other(Plain) returns (Plain); }\n"
				+ "message Request { string name = 1; uint32 id = 2; }", "overlay=" + file)
			.replace(file.toString(), "overlay.txtpb");
	}

	/**
	 * In messages that all refer to each other, or of which each has the next one twice,
	 * there are more ways to a field than can be counted.
	 */
	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void aReferenceInMessagesThatReferToEachOther(boolean cycles) throws IOException {
		int count = 40;
		StringBuilder lines = new StringBuilder("service S { rpc Do(M0) returns (Plain); }\n");
		for (int i = 0; i < count; i++) {
			lines.append("message M").append(i).append(" {");
			for (int j = 0; j < (cycles ? count : 2) && i < count - 1; j++) {
				lines.append(" M")
					.append(cycles ? j : i + 1)
					.append(" f")
					.append(j)
					.append(" = ")
					.append(j + 1)
					.append(";");
			}
			lines
				.append((i == count - 1) ? " uint32 x = 1 [(pluggable.contract.v1.reference).object = \"Thing\"];" : "")
				.append(" }\n");
		}
		assertThat(error(lines.toString(), "")).startsWith("a.proto:47:")
			.contains(cycles ? "A reference cannot be in a message that contains itself"
					: "Two references of 'Do' would have the Java name 'x'");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			string x = 1 [R]               | its type is string; use uint32, int32, uint64 or int64
			Plain x = 1 [R]                | its type is message; use uint32
			oneof o { uint32 x = 1 [R]; }  | it is in the oneof 'o'; move it out
			repeated uint64 x = 1 [R]      | it is repeated; use uint32 or int32
			""")
	void aFieldThatCannotBeAReference(String field, String fault) throws IOException {
		String reference = field.replace("R]", "(pluggable.contract.v1.reference).object = \"Thing\"]");
		assertThat(error("service S { rpc Do(Q) returns (Plain); }\nmessage Q {\n  " + reference + ";\n}", ""))
			.startsWith("a.proto:9:")
			.contains("The field 'test.Q.x' cannot be a reference: " + fault);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					repeated uint32 x = 1 [(pluggable.contract.v1.reference).object = "Thing"]                      | it is repeated and in a response
					uint32 x = 1 [(pluggable.contract.v1.reference) = { object: "Thing" id: 1 }]                    | only one object in a request has a fixed 'id'
					uint32 x = 1 [(pluggable.contract.v1.reference) = { object: "Thing" lifetime: PROCESS }]        | only references in requests have a 'lifetime'
					uint32 x = 1 [(pluggable.contract.v1.reference) = { id: 0 }]                                    | the reference has no 'object'
					""")
	void aFieldOfAResponseThatCannotBeAReference(String field, String fault) throws IOException {
		assertThat(error("service S { rpc Do(Plain) returns (R); }\nmessage R {\n  " + field + ";\n}", ""))
			.startsWith("a.proto:9:3: The field 'test.R.x' cannot be a reference: ")
			.contains(fault);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			map<string, Inner> inner = 1       | is in the map 'inner'
			repeated Inner inner = 1           | is repeated in 'inner'
			oneof o { Inner inner = 1; }       | is in the oneof 'o'
			Inner inner = 1; Q q = 2           | contains itself
			""")
	void aReferenceWhoseObjectsCannotBeCounted(String field, String fault) throws IOException {
		assertThat(error("service S { rpc Do(Q) returns (Plain); }\nmessage Q {\n  " + field
				+ ";\n}\nmessage Inner {\n  uint32 x = 1 [(pluggable.contract.v1.reference).object = \"Thing\"];\n}",
				""))
			.startsWith("a.proto:12:3: A reference cannot be in a message that " + fault);
	}

	@Test
	void aReferenceInAStream() throws IOException {
		assertThat(error("""
				service S { rpc Do(Q) returns (stream Plain); }
				message Q {
				  uint32 x = 1 [(pluggable.contract.v1.reference).object = "Thing"];
				}
				""", "")).isEqualTo("a.proto:9:3: The field 'test.Q.x' cannot be a reference:"
				+ " 'test.S.Do' is a stream; only unary methods have references");
	}

	@Test
	void aReferenceToNothing() throws IOException {
		assertThat(error("""
				service S { rpc Do(Q) returns (Plain); }
				message Q {
				  uint32 x = 1 [(pluggable.contract.v1.reference).object = "Thong"];
				}
				""", "")).isEqualTo("a.proto:9:3: There is no service or object 'test.Thong',"
				+ " which is to be the object of 'test.Q.x': give its full name, and import its file");
	}

	@Test
	void referencesOfTwoLifetimes() throws IOException {
		assertThat(error("""
				service S {
				  rpc Do(Q) returns (Plain);
				}
				message Q {
				  uint32 x = 1 [(pluggable.contract.v1.reference) = { object: "Thing" lifetime: PROCESS }];
				  uint32 y = 2 [(pluggable.contract.v1.reference).object = "Thing"];
				}
				""", ""))
			.isEqualTo("a.proto:8:3: The method 'Do' has references of different lifetimes: use one lifetime for all");
	}

	@Test
	void referencesOfOneName() throws IOException {
		assertThat(error("""
				service S { rpc Do(Q) returns (Plain); }
				message Q {
				  uint32 thing = 1 [(pluggable.contract.v1.reference).object = "Thing"];
				  uint32 thing_id = 2 [(pluggable.contract.v1.reference).object = "Thing"];
				}
				""", "")).isEqualTo(
				"a.proto:10:3: Two references of 'Do' would have the Java name 'thing':" + " rename one of the fields");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					rpc Do(Plain) returns (stream Plain) | PING       | has the role PING, but is a stream
					rpc Do(stream Plain) returns (Plain) | INITIALIZE | has the role INITIALIZE, but is a stream
					rpc Do(Plain) returns (Plain)        | HEALTH     | so its response has one field, of the type map<string, string>
					rpc Do(Q) returns (Plain)            | CLOSE      | so its messages have no references
					rpc Do(Plain) returns (Q)            | INITIALIZE | so its messages have no references
					""")
	void aRoleAtTheWrongMethod(String method, String role, String fault) throws IOException {
		assertThat(error("service S {\n  " + method + " { option (pluggable.contract.v1.role) = " + role + "; }\n}\n"
				+ "message Q { uint32 x = 1 [(pluggable.contract.v1.reference).object = \"Thing\"]; }", ""))
			.startsWith("a.proto:8:3: The method 'Do' ")
			.contains(fault);
	}

	@Test
	void twoMethodsOfOneRole() throws IOException {
		assertThat(error("""
				service S {
				  rpc A(Plain) returns (Plain) { option (pluggable.contract.v1.role) = INITIALIZE; }
				  rpc B(Plain) returns (Plain) { option (pluggable.contract.v1.role) = INITIALIZE; }
				}
				""", "")).isEqualTo("a.proto:9:3: 'test.S' has two methods of the role INITIALIZE, 'test.S.A' and"
				+ " 'test.S.B': remove the role of one of them");
	}

	@Test
	void twoMethodsOfOneJavaName() throws IOException {
		assertThat(error("""
				service S {
				  rpc DoIt(Plain) returns (Plain);
				  rpc doIt(Plain) returns (Plain);
				}
				""", ""))
			.isEqualTo("a.proto:9:3: The methods 'DoIt' and 'doIt' cannot be in one Java class, neither here"
					+ " nor in that of gRPC: rename one of them");
	}

	@Test
	void aMethodWhoseJavaNameIsTakenOrNone() throws IOException {
		assertThat(error("""
				service S {
				  rpc Do(Plain) returns (Plain);
				  rpc Make(Plain) returns (Plain) { option (pluggable.contract.v1.java_method) = "do_"; }
				  rpc _(Plain) returns (Plain);
				}
				""", "")).contains("a.proto:9:3: The methods 'Do' and 'Make' have the same name 'do_' in Java",
				"a.proto:10:3: '_' cannot be the name of a method in Java: set 'java_method'");
	}

	@Test
	void aReferenceInAnExtension() throws IOException {
		Files.writeString(this.sources.resolve("a.proto"), """
				syntax = "proto2";
				package test;
				import "pluggable/contract.proto";
				service S { rpc Do(Q) returns (Q); }
				message Q { extensions 100 to 200; }
				extend Q {
				  optional uint32 s_id = 100 [(pluggable.contract.v1.reference).object = "S"];
				}
				""");
		assertThat(new Protoc(this.sources, this.work).generate("").getError()).isEqualTo("a.proto:7:3: The extension"
				+ " 'test.s_id' cannot be a reference: only a field of the message itself can");
	}

	@Test
	void anInterfaceWhoseNestedClassWouldHaveItsName() throws IOException {
		assertThat(error("""
				service Initializer {
				  rpc Init(Plain) returns (Plain) { option (pluggable.contract.v1.role) = INITIALIZE; }
				}
				service OpenObjects {
				  rpc Open(Plain) returns (R);
				}
				message R {
				  uint32 a_id = 1 [(pluggable.contract.v1.reference).object = "Thing"];
				  uint32 b_id = 2 [(pluggable.contract.v1.reference).object = "Thing"];
				}
				""", "").lines()).satisfiesExactly(
				(first) -> assertThat(first).startsWith(
						"a.proto:8:3: The interface 'Initializer' would contain a class of the same name, for 'Init'"),
				(second) -> assertThat(second)
					.startsWith("a.proto:11:3: The interface 'OpenObjects' would contain a class of the same name"));
	}

	@Test
	void whatIsWrongInAFileThatIsOnlyImportedIsNoFaultOfTheRun() throws IOException {
		Files.writeString(Files.createDirectories(this.work.resolve("include/lib")).resolve("lib.proto"), """
				syntax = "proto3";
				package lib;
				service record {
				  rpc DoIt(M) returns (M);
				  rpc doIt(M) returns (M);
				}
				message M {}
				""");
		assertThat(error("import \"lib/lib.proto\";\nservice S { rpc Do(lib.M) returns (lib.M); }", "")).isEmpty();
	}

	@Test
	void anObjectWhoseServicesDoNotFitTogether() throws IOException {
		assertThat(error("""
				option (pluggable.contract.v1.object) = { name: "Both" services: ["Thing", "Other"] };
				service Other {
				  rpc Get(Plain) returns (Plain);
				}
				""", "")).isEqualTo("a.proto:9:3: 'test.Thing.Get' and 'test.Other.Get' have the same name 'get' in the"
				+ " Java interface of 'test.Both': set 'java_method' of one of them");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			{ name: "Both" services: ["Thing", "None"] }  | There is no service or object 'test.None'
			{ name: "Both" services: ["Thing", "Thing"] } | 'test.Thing' is twice a service of 'test.Both'
			{ name: "Both" }                              | The object 'Both' has no services
			{ name: "Thing" services: ["Thing"] }         | There is a service or an object 'test.Thing' already
			{ name: "a b" services: ["Thing"] }           | 'a b' cannot be the name of a Java interface
			""")
	void anObjectThatCannotBe(String object, String fault) throws IOException {
		assertThat(error("option (pluggable.contract.v1.object) = " + object + ";", "")).startsWith("a.proto")
			.contains(fault);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			kind: "a.b"        | 'a.b' cannot be the name of a kind
			kind: "Upper"      | 'Upper' cannot be the name of a kind
			java_name: "int"   | 'int' cannot be the name of a Java interface
			with: "test.S"     | 'test.S' is twice a service of 'test.S'
			java_name: "Plain" | There is a Java class 'test.Plain' already
			""")
	void anOptionOfAServiceThatCannotBe(String option, String fault) throws IOException {
		assertThat(
				error("option java_multiple_files = true;\nservice S {\n  option (pluggable.contract.v1.contract) = { "
						+ option + " };\n}", ""))
			.startsWith("a.proto:8:1: ")
			.contains(fault);
	}

	@Test
	void anOptionAtTheWrongPlaceIsAnErrorOfProtocItself() throws IOException {
		Files.writeString(this.sources.resolve("a.proto"), HEADER + """
				message Q {
				  option (pluggable.contract.v1.role) = PING;
				}
				""");
		assertThat(new Protoc(this.sources, this.work)
			.start(List.of("--descriptor_set_out=" + this.work.resolve("d.bin")))).startsWith("1\n")
			.contains("a.proto:8:")
			.contains("pluggable.contract.v1.role");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`',
			textBlock = """
					field { name: "test.Request.nope" reference { object: "Thing" } }  | overlay.txtpb:2:1: There is no field 'test.Request.nope' in the files of this run
					field { name: "test.Request" reference { object: "Thing" } }       | overlay.txtpb:2:1: 'test.Request' is no field
					field { name: "test.Request.name" reference { object: "Thing" } }  | overlay.txtpb:2:1: The field 'test.Request.name' cannot be a reference
					method { name: "test.S.Nope" role: PING }                          | overlay.txtpb:2:1: There is no method 'test.S.Nope'
					method { name: "test.S.Do" role: PING }                            | overlay.txtpb:2:1: The method 'Do' has the role PING, but is a stream
					service { name: "test.Nope" }                                      | overlay.txtpb:2:1: There is no service 'test.Nope'
					object { name: "test.Both" services: "test.Nope" }                 | overlay.txtpb:2:1: There is no service or object 'test.Nope'
					method { name: "test.S.Other" roll: PING }                         | overlay.txtpb:2:31:
					method { name: "test.S.Other" role: PONG }                         | overlay.txtpb:2:
					method { name: "test.S.Other"                                      | overlay.txtpb:
					""")
	void anOverlayThatCannotBe(String overlay, String fault) throws IOException {
		assertThat(overlayError("# An overlay.\n" + overlay + "\n")).contains(fault);
	}

	@Test
	void aNameThatIsTwiceInTheOverlay() throws IOException {
		assertThat(overlayError("method { name: \"test.S.Other\" role: PING }\nmethod { name: \"test.S.Other\" }\n"))
			.contains("overlay.txtpb:2:1: 'test.S.Other' is here twice");
	}

	@Test
	void aValueThatIsTwiceInTheOverlay() throws IOException {
		assertThat(overlayError("method { name: \"test.S.Other\" role: PING role: CLOSE }\n"))
			.startsWith("overlay.txtpb:1:")
			.contains("role");
	}

	@Test
	void anOverlayMayBeginWithAByteOrderMark() throws IOException {
		assertThat(overlayError("\uFEFFmethod { name: \"test.S.Other\" role: PING }\n")).isEmpty();
	}

	@Test
	void anOverlayThatDoesNotExist() throws IOException {
		assertThat(error("", "overlay=none.txtpb")).contains("none.txtpb: The overlay cannot be read from '");
	}

	@Test
	void anUnknownParameter() throws IOException {
		assertThat(error("", "overlays=x"))
			.isEqualTo("The generator of contracts has no parameter 'overlays=x': use 'overlay=<path>'");
	}

	@Test
	void allFaultsAreReportedTogether() throws IOException {
		assertThat(error("""
				service S {
				  rpc A(stream Plain) returns (Plain) { option (pluggable.contract.v1.role) = PING; }
				  rpc B(stream Plain) returns (Plain) { option (pluggable.contract.v1.role) = CLOSE; }
				}
				""", "").lines()).hasSize(2);
	}

}
