package dev.pluggable.proto.components.v1;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.GenericDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.Message;
import dev.pluggable.proto.layotto.v1.HelloGrpc;
import dev.pluggable.proto.layotto.v1.HelloProto;
import dev.pluggable.proto.layotto.v1.LayottoCommonProto;
import io.grpc.MethodDescriptor.MethodType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests that the contract does not change, because hosts and components of others rely on
 * each name and number. The text files beside this class list the declarations of each
 * contract file; the encodings below were worked out by hand.
 */
class ComponentContractTests {

	private static final String PACKAGE = "dapr.proto.components.v1";

	@ParameterizedTest(name = "{0}")
	@MethodSource
	void declarationsMatchTheTable(String table, FileDescriptor file) throws IOException {
		assertThat(describe(file)).containsExactlyElementsOf(readTable(table));
	}

	static Stream<Arguments> declarationsMatchTheTable() {
		return Stream.of(arguments("common.txt", CommonProto.getDescriptor()),
				arguments("state.txt", StateProto.getDescriptor()),
				arguments("pubsub.txt", PubSubProto.getDescriptor()),
				arguments("bindings.txt", BindingsProto.getDescriptor()),
				arguments("secretstore.txt", SecretStoreProto.getDescriptor()),
				arguments("layotto-common.txt", LayottoCommonProto.getDescriptor()),
				arguments("layotto-hello.txt", HelloProto.getDescriptor()));
	}

	@ParameterizedTest(name = "{0}: {1}")
	@MethodSource
	void messageHasExactBytes(String message, String bytes, Message value) throws IOException {
		byte[] encoded = bytes(bytes);
		assertThat(value.getDescriptorForType().getName()).isEqualTo(message);
		assertThat(value.toByteArray()).isEqualTo(encoded);
		assertThat(value.getParserForType().parseFrom(encoded)).isEqualTo(value);
	}

	static Stream<Arguments> messageHasExactBytes() {
		return Stream.of(
				arguments("InitRequest", "0A 08  0A 06  0A 01 61  12 01 62",
						StateProto.InitRequest.newBuilder()
							.setMetadata(CommonProto.MetadataRequest.newBuilder().putProperties("a", "b"))
							.build()),
				arguments("FeaturesResponse", "0A 04 45 54 41 47  0A 03 54 54 4C",
						CommonProto.FeaturesResponse.newBuilder().addFeatures("ETAG").addFeatures("TTL").build()),
				arguments("SetRequest",
						"0A 01 6B  12 01 76  1A 03 0A 01 37  22 06 0A 01 61 12 01 62  2A 04 08 01 10 02  32 01 74",
						StateProto.SetRequest.newBuilder()
							.setKey("k")
							.setValue(utf8("v"))
							.setEtag(etag("7"))
							.putMetadata("a", "b")
							.setOptions(StateProto.StateOptions.newBuilder()
								.setConcurrency(StateProto.StateOptions.StateConcurrency.CONCURRENCY_FIRST_WRITE)
								.setConsistency(StateProto.StateOptions.StateConsistency.CONSISTENCY_STRONG))
							.setContentType("t")
							.build()),
				arguments("DeleteRequest", "0A 01 6B  12 03 0A 01 37  1A 06 0A 01 61 12 01 62  22 00",
						StateProto.DeleteRequest.newBuilder()
							.setKey("k")
							.setEtag(etag("7"))
							.putMetadata("a", "b")
							.setOptions(StateProto.StateOptions.getDefaultInstance())
							.build()),
				arguments("GetRequest", "0A 01 6B  12 06 0A 01 61 12 01 62  18 01",
						StateProto.GetRequest.newBuilder()
							.setKey("k")
							.putMetadata("a", "b")
							.setConsistency(StateProto.StateOptions.StateConsistency.CONSISTENCY_EVENTUAL)
							.build()),
				arguments("GetResponse", "0A 01 76  12 03 0A 01 37  1A 06 0A 01 61 12 01 62  22 01 74",
						StateProto.GetResponse.newBuilder()
							.setData(utf8("v"))
							.setEtag(etag("7"))
							.putMetadata("a", "b")
							.setContentType("t")
							.build()),
				arguments("BulkGetRequest", "0A 03 0A 01 6B  0A 03 0A 01 6C  12 03 08 AC 02",
						StateProto.BulkGetRequest.newBuilder()
							.addItems(StateProto.GetRequest.newBuilder().setKey("k"))
							.addItems(StateProto.GetRequest.newBuilder().setKey("l"))
							.setOptions(StateProto.BulkGetRequestOptions.newBuilder().setParallelism(300))
							.build()),
				arguments("BulkStateItem",
						"0A 01 6B  12 01 76  1A 03 0A 01 37  22 01 65  2A 06 0A 01 61 12 01 62  32 01 74",
						StateProto.BulkStateItem.newBuilder()
							.setKey("k")
							.setData(utf8("v"))
							.setEtag(etag("7"))
							.setError("e")
							.putMetadata("a", "b")
							.setContentType("t")
							.build()),
				arguments("TransactionalStateRequest",
						"0A 05 0A 03 0A 01 6B  0A 05 12 03 0A 01 6C  12 06 0A 01 61 12 01 62",
						StateProto.TransactionalStateRequest.newBuilder()
							.addOperations(StateProto.TransactionalStateOperation.newBuilder()
								.setDelete(StateProto.DeleteRequest.newBuilder().setKey("k")))
							.addOperations(StateProto.TransactionalStateOperation.newBuilder()
								.setSet(StateProto.SetRequest.newBuilder().setKey("l")))
							.putMetadata("a", "b")
							.build()),
				arguments("MultiMaxSizeResponse", "08 FF FF FF FF FF FF FF FF FF 01",
						StateProto.MultiMaxSizeResponse.newBuilder().setMaxSize(-1).build()),
				arguments("QueryRequest",
						"0A 1B  0A 09 0A 02 45 51 12 03 12 01 31  12 05 0A 01 6B 10 01  1A 07 08 0A 12 03 61 62 63"
								+ "  12 06 0A 01 61 12 01 62",
						StateProto.QueryRequest.newBuilder()
							.setQuery(StateProto.Query.newBuilder()
								.putFilter("EQ", Any.newBuilder().setValue(utf8("1")).build())
								.addSort(StateProto.Sorting.newBuilder()
									.setKey("k")
									.setOrder(StateProto.Sorting.Order.DESC))
								.setPagination(StateProto.Pagination.newBuilder().setLimit(10).setToken("abc")))
							.putMetadata("a", "b")
							.build()),
				arguments("PublishRequest", "0A 01 76  12 01 70  1A 01 74  22 06 0A 01 61 12 01 62  2A 01 63",
						PubSubProto.PublishRequest.newBuilder()
							.setData(utf8("v"))
							.setPubsubName("p")
							.setTopic("t")
							.putMetadata("a", "b")
							.setContentType("c")
							.build()),
				arguments("BulkPublishRequest",
						"0A 11 0A 01 31 12 01 76 1A 01 63 22 06 0A 01 61 12 01 62  12 01 70  1A 01 74",
						PubSubProto.BulkPublishRequest.newBuilder()
							.addEntries(PubSubProto.BulkMessageEntry.newBuilder()
								.setEntryId("1")
								.setEvent(utf8("v"))
								.setContentType("c")
								.putMetadata("a", "b"))
							.setPubsubName("p")
							.setTopic("t")
							.build()),
				arguments("PullMessagesRequest", "0A 0B 0A 01 74 12 06 0A 01 61 12 01 62",
						PubSubProto.PullMessagesRequest.newBuilder()
							.setTopic(PubSubProto.Topic.newBuilder().setName("t").putMetadata("a", "b"))
							.build()),
				arguments("PullMessagesRequest", "12 01 31  1A 03 0A 01 65",
						PubSubProto.PullMessagesRequest.newBuilder()
							.setAckMessageId("1")
							.setAckError(PubSubProto.AckMessageError.newBuilder().setMessage("e"))
							.build()),
				arguments("PullMessagesResponse", "0A 01 76  12 01 74  1A 06 0A 01 61 12 01 62  22 01 63  2A 01 31",
						PubSubProto.PullMessagesResponse.newBuilder()
							.setData(utf8("v"))
							.setTopicName("t")
							.putMetadata("a", "b")
							.setContentType("c")
							.setId("1")
							.build()),
				arguments("ReadResponse", "0A 01 76  12 06 0A 01 61 12 01 62  1A 01 63  22 01 31",
						BindingsProto.ReadResponse.newBuilder()
							.setData(utf8("v"))
							.putMetadata("a", "b")
							.setContentType("c")
							.setMessageId("1")
							.build()),
				arguments("ReadRequest", "0A 01 76  12 01 31  1A 03 0A 01 65",
						BindingsProto.ReadRequest.newBuilder()
							.setResponseData(utf8("v"))
							.setMessageId("1")
							.setResponseError(BindingsProto.AckResponseError.newBuilder().setMessage("e"))
							.build()),
				arguments("InvokeRequest", "0A 01 76  12 06 0A 01 61 12 01 62  1A 03 67 65 74",
						BindingsProto.InvokeRequest.newBuilder()
							.setData(utf8("v"))
							.putMetadata("a", "b")
							.setOperation("get")
							.build()),
				arguments("GetSecretResponse", "0A 06 0A 01 61 12 01 62",
						SecretStoreProto.GetSecretResponse.newBuilder().putData("a", "b").build()),
				arguments("BulkGetSecretResponse", "0A 0D 0A 01 73 12 08 0A 06 0A 01 61 12 01 62",
						SecretStoreProto.BulkGetSecretResponse.newBuilder()
							.putData("s", SecretStoreProto.SecretResponse.newBuilder().putSecrets("a", "b").build())
							.build()),
				arguments("HelloConfig",
						"0A 16 0A 0C 0A 01 73 12 01 6B 1A 01 75 22 01 69 12 06 0A 01 78 12 01 79"
								+ "  12 01 74  1A 01 68  22 06 0A 01 61 12 01 62",
						HelloProto.HelloConfig.newBuilder()
							.setConfig(LayottoCommonProto.Config.newBuilder()
								.addSecretRef(LayottoCommonProto.SecretRefConfig.newBuilder()
									.setStoreName("s")
									.setKey("k")
									.setSubKey("u")
									.setInjectAs("i"))
								.setComponentRef(LayottoCommonProto.ComponentRefConfig.newBuilder()
									.setSecretStore("x")
									.setConfigStore("y")))
							.setType("t")
							.setHelloString("h")
							.putMetadata("a", "b")
							.build()),
				arguments("HelloResponse", "0A 01 68",
						HelloProto.HelloResponse.newBuilder().setHelloString("h").build()));
	}

	@Test
	void absentEtagAndEmptyEtagAreToldApart() throws IOException {
		assertThat(StateProto.GetResponse.parseFrom(bytes("")).hasEtag()).isFalse();
		assertThat(StateProto.GetResponse.parseFrom(bytes("12 00")).hasEtag()).isTrue();
		assertThat(StateProto.GetResponse.newBuilder().setEtag(etag("")).build().toByteArray())
			.isEqualTo(bytes("12 00"));
	}

	@Test
	void absentAckErrorAndEmptyAckErrorAreToldApart() throws IOException {
		assertThat(PubSubProto.PullMessagesRequest.parseFrom(bytes("12 01 31")).hasAckError()).isFalse();
		assertThat(PubSubProto.PullMessagesRequest.parseFrom(bytes("12 01 31 1A 00")).hasAckError()).isTrue();
		assertThat(BindingsProto.ReadRequest.parseFrom(bytes("12 01 31")).hasResponseError()).isFalse();
		assertThat(BindingsProto.ReadRequest.parseFrom(bytes("12 01 31 1A 00")).hasResponseError()).isTrue();
	}

	@Test
	void bulkGetResponseOfAnOldComponentIsStillRead() throws IOException {
		StateProto.BulkGetResponse response = StateProto.BulkGetResponse.parseFrom(bytes("0A 03 0A 01 6B  10 01"));
		assertThat(response.getItemsList()).extracting(StateProto.BulkStateItem::getKey).containsExactly("k");
	}

	@Test
	void stubsCallTheContractsPaths() {
		assertThat(StateStoreGrpc.getBulkGetMethod().getFullMethodName())
			.isEqualTo("dapr.proto.components.v1.StateStore/BulkGet");
		assertThat(TransactionalStateStoreGrpc.getTransactMethod().getFullMethodName())
			.isEqualTo("dapr.proto.components.v1.TransactionalStateStore/Transact");
		assertThat(TransactionalStoreMultiMaxSizeGrpc.getMultiMaxSizeMethod().getFullMethodName())
			.isEqualTo("dapr.proto.components.v1.TransactionalStoreMultiMaxSize/MultiMaxSize");
		assertThat(QueriableStateStoreGrpc.getQueryMethod().getFullMethodName())
			.isEqualTo("dapr.proto.components.v1.QueriableStateStore/Query");
		assertThat(PubSubGrpc.getPullMessagesMethod().getFullMethodName())
			.isEqualTo("dapr.proto.components.v1.PubSub/PullMessages");
		assertThat(PubSubGrpc.getPullMessagesMethod().getType()).isEqualTo(MethodType.BIDI_STREAMING);
		assertThat(InputBindingGrpc.getReadMethod().getFullMethodName())
			.isEqualTo("dapr.proto.components.v1.InputBinding/Read");
		assertThat(InputBindingGrpc.getReadMethod().getType()).isEqualTo(MethodType.BIDI_STREAMING);
		assertThat(OutputBindingGrpc.getInvokeMethod().getFullMethodName())
			.isEqualTo("dapr.proto.components.v1.OutputBinding/Invoke");
		assertThat(SecretStoreGrpc.getGetMethod().getFullMethodName())
			.isEqualTo("dapr.proto.components.v1.SecretStore/Get");
		assertThat(HelloGrpc.getSayHelloMethod().getFullMethodName())
			.isEqualTo("spec.proto.pluggable.v1.hello.Hello/SayHello");
	}

	private static List<String> readTable(String name) throws IOException {
		try (InputStream in = ComponentContractTests.class.getResourceAsStream(name)) {
			assertThat(in).as(name).isNotNull();
			return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
		}
	}

	private static List<String> describe(FileDescriptor file) {
		List<String> lines = new ArrayList<>();
		lines.add("file " + file.getName());
		lines.add("syntax " + file.toProto().getSyntax());
		lines.add("package " + file.getPackage());
		file.getDependencies().forEach((imported) -> lines.add("import " + imported.getName()));
		file.getServices().forEach((service) -> describe(service, lines));
		file.getMessageTypes().forEach((message) -> describe(message, lines));
		file.getEnumTypes().forEach((type) -> describe(type, lines));
		file.getExtensions().forEach((extension) -> lines.add("extension " + extension.getFullName()));
		return lines;
	}

	private static void describe(ServiceDescriptor service, List<String> lines) {
		lines.add("");
		lines.add("service " + name(service));
		for (MethodDescriptor method : service.getMethods()) {
			lines.add("  %s(%s%s) returns (%s%s)".formatted(method.getName(),
					method.isClientStreaming() ? "stream " : "", name(method.getInputType()),
					method.isServerStreaming() ? "stream " : "", name(method.getOutputType())));
		}
	}

	private static void describe(Descriptor message, List<String> lines) {
		lines.add("");
		lines.add("message " + name(message));
		for (FieldDescriptor field : message.getFields()) {
			lines.add("  %d %s: %s".formatted(field.getNumber(), field.getName(), type(field)));
		}
		message.toProto()
			.getReservedRangeList()
			.forEach((range) -> lines.add("  reserved %d to %d".formatted(range.getStart(), range.getEnd() - 1)));
		message.getEnumTypes().forEach((type) -> describe(type, lines));
		for (Descriptor nested : message.getNestedTypes()) {
			if (!nested.getOptions().getMapEntry()) {
				describe(nested, lines);
			}
		}
	}

	private static void describe(EnumDescriptor type, List<String> lines) {
		lines.add("");
		lines.add("enum " + name(type));
		type.getValues().forEach((value) -> lines.add("  %d %s".formatted(value.getNumber(), value.getName())));
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
		if (field.isRepeated()) {
			return "repeated " + type;
		}
		if (field.getRealContainingOneof() != null) {
			return "%s (oneof %s)".formatted(type, field.getRealContainingOneof().getName());
		}
		boolean optional = field.hasPresence() && field.getJavaType() != JavaType.MESSAGE;
		return optional ? "optional " + type : type;
	}

	private static String name(GenericDescriptor descriptor) {
		String name = descriptor.getFullName();
		return name.startsWith(PACKAGE + ".") ? name.substring(PACKAGE.length() + 1) : name;
	}

	private static byte[] bytes(String hex) {
		return HexFormat.of().parseHex(hex.replace(" ", ""));
	}

	private static ByteString utf8(String text) {
		return ByteString.copyFromUtf8(text);
	}

	private static StateProto.Etag etag(String value) {
		return StateProto.Etag.newBuilder().setValue(value).build();
	}

}
