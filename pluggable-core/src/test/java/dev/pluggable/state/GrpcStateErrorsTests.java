package dev.pluggable.state;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.BadRequest.FieldViolation;
import com.google.rpc.ErrorInfo;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentTimeoutException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.DaprKitError;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.kind.ServiceCalls;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class GrpcStateErrorsTests {

	private static final Any ETAG = Any.pack(violations("etag"));

	private static final Any LONE_VIOLATION = Any.pack(FieldViolation.newBuilder().setField("etag").build());

	private final FakeComponent component = new FakeComponent();

	private TestServer server;

	private StateStore store;

	/**
	 * The operations, and whether a request can contain an etag.
	 */
	enum Operation {

		GET("Get", false, (store) -> store.get("a")),

		SET("Set", true, (store) -> store.set("a", new byte[0])),

		DELETE("Delete", true, (store) -> store.delete("a")),

		BULK_GET("BulkGet", false, (store) -> store.bulkGet(List.of("a"))),

		BULK_SET("BulkSet", true, (store) -> store.bulkSet(List.of(SetRequest.of("a", ""), SetRequest.of("b", "")))),

		BULK_DELETE("BulkDelete", true,
				(store) -> store.bulkDelete(List.of(DeleteRequest.of("a"), DeleteRequest.of("b")))),

		TRANSACT("Transact", true, (store) -> store.transact(DeleteRequest.of("a"))),

		QUERY("Query", false, (store) -> store.query(QueryRequest.all())),

		PING("Ping", false, StateStore::ping);

		private final String method;

		private final boolean etag;

		private final Consumer<StateStore> call;

		Operation(String method, boolean etag, Consumer<StateStore> call) {
			this.method = method;
			this.etag = etag;
			this.call = call;
		}

	}

	@BeforeEach
	void start() throws IOException {
		this.server = TestServer.of(this.component.services());
		this.store = new GrpcStateStore(
				new TestClient(this.server.channel(), StateFeatures.TRANSACTIONAL, StateFeatures.QUERY_API));
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.server.close();
	}

	private static BadRequest violations(String... fields) {
		BadRequest.Builder builder = BadRequest.newBuilder();
		for (String field : fields) {
			builder.addFieldViolations(FieldViolation.newBuilder().setField(field).setDescription("not that one"));
		}
		return builder.build();
	}

	private static ErrorInfo info(Map<String, String> metadata) {
		return ErrorInfo.newBuilder().setReason("REASON").setDomain("domain").putAllMetadata(metadata).build();
	}

	private PluggableException failure(Operation operation, Status.Code code, String message, Any... details) {
		this.component.answer(operation.method,
				StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
					.setCode(code.value())
					.setMessage(message)
					.addAllDetails(List.of(details))
					.build()));
		PluggableException ex = catchThrowableOfType(PluggableException.class, () -> operation.call.accept(this.store));
		assertThat(ex).isNotNull();
		assertThat(ex.getOperation()).isEqualTo(operation.method);
		assertThat(ex.getComponent()).isEqualTo("orders");
		assertThat(ex.getStatusCode()).isEqualTo(code);
		assertThat(ex.getDetails()).hasSize(details.length);
		assertThat(ex).hasCauseInstanceOf(StatusRuntimeException.class);
		return ex;
	}

	@ParameterizedTest
	@EnumSource
	void whenEtagViolationIsReportedThenOnlyOperationsWithEtagsUnderstandIt(Operation operation) {
		assertThat(failure(operation, Status.Code.FAILED_PRECONDITION, "stale", ETAG))
			.isExactlyInstanceOf(operation.etag ? EtagMismatchException.class : ComponentException.class)
			.hasMessageContainingAll("orders", "stale");
		assertThat(failure(operation, Status.Code.INVALID_ARGUMENT, "bad", ETAG))
			.isExactlyInstanceOf(operation.etag ? EtagInvalidException.class : InvalidRequestException.class);
	}

	@ParameterizedTest
	@EnumSource
	void whenViolationIsAloneAsByDaprsJavaSdkThenItIsUnderstood(Operation operation) {
		assertThat(LONE_VIOLATION.getTypeUrl()).isEqualTo("type.googleapis.com/google.rpc.BadRequest.FieldViolation");
		assertThat(failure(operation, Status.Code.FAILED_PRECONDITION, "", LONE_VIOLATION))
			.isExactlyInstanceOf(operation.etag ? EtagMismatchException.class : ComponentException.class);
		assertThat(failure(operation, Status.Code.INVALID_ARGUMENT, "", LONE_VIOLATION))
			.isExactlyInstanceOf(operation.etag ? EtagInvalidException.class : InvalidRequestException.class);
	}

	@ParameterizedTest
	@EnumSource
	void whenThereIsOnlyTextAsByDaprsGoSdkThenItIsUnderstood(Operation operation) {
		assertThat(failure(operation, Status.Code.UNKNOWN, "possible etag mismatch. error from state store: x"))
			.isExactlyInstanceOf(operation.etag ? EtagMismatchException.class : ComponentException.class);
		assertThat(failure(operation, Status.Code.UNKNOWN, "invalid etag value: x"))
			.isExactlyInstanceOf(operation.etag ? EtagInvalidException.class : ComponentException.class);
	}

	static Stream<Arguments> whenShapeDiffersThenNoEtagError() {
		Any other = Any.pack(info(Map.of("a", "b")));
		return Stream.of(Arguments.of("no detail", new Any[] {}), Arguments.of("two details", new Any[] { ETAG, ETAG }),
				Arguments.of("other detail as well", new Any[] { ETAG, other }),
				Arguments.of("other detail", new Any[] { other }),
				Arguments.of("other field", new Any[] { Any.pack(violations("Etag")) }),
				Arguments.of("other field alone",
						new Any[] { Any.pack(FieldViolation.newBuilder().setField("key").build()) }),
				Arguments.of("two violations", new Any[] { Any.pack(violations("etag", "etag")) }),
				Arguments.of("no violation", new Any[] { Any.pack(violations()) }), Arguments.of("garbage",
						new Any[] { ETAG.toBuilder().setValue(ByteString.copyFromUtf8("\u0007x")).build() }));
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource
	void whenShapeDiffersThenNoEtagError(String name, Any[] details) {
		for (Operation operation : Operation.values()) {
			assertThat(failure(operation, Status.Code.FAILED_PRECONDITION, "x", details))
				.isExactlyInstanceOf(ComponentException.class);
			assertThat(failure(operation, Status.Code.INVALID_ARGUMENT, "x", details))
				.isExactlyInstanceOf(InvalidRequestException.class);
		}
	}

	@Test
	void whenCodeDiffersThenNoEtagError() {
		for (Status.Code code : List.of(Status.Code.ABORTED, Status.Code.UNKNOWN, Status.Code.INTERNAL)) {
			assertThat(failure(Operation.SET, code, "x", ETAG)).isExactlyInstanceOf(ComponentException.class);
		}
	}

	@Test
	void whenTextDiffersThenNoEtagError() {
		assertThat(failure(Operation.SET, Status.Code.UNKNOWN, "a possible etag mismatch"))
			.isExactlyInstanceOf(ComponentException.class);
		assertThat(failure(Operation.SET, Status.Code.UNKNOWN, "possible etag mismatch", ETAG))
			.isExactlyInstanceOf(ComponentException.class);
		assertThat(failure(Operation.SET, Status.Code.INTERNAL, "possible etag mismatch"))
			.isExactlyInstanceOf(ComponentException.class);
	}

	@Test
	void whenDescriptionsDifferThenMessageHasBoth() {
		assertThat(failure(Operation.SET, Status.Code.FAILED_PRECONDITION, "stale", ETAG))
			.hasMessageContainingAll("Set", "state component 'orders'", "stale", "not that one");
	}

	@Test
	void whenBulkDeleteRemovedFewerThenNumbersAreTold() {
		PluggableException ex = failure(Operation.BULK_DELETE, Status.Code.INTERNAL, "fewer",
				Any.pack(info(Map.of("expected", "3", "affected", "1"))));
		assertThat(ex).isInstanceOfSatisfying(BulkDeleteException.class, (bulkDelete) -> {
			assertThat(bulkDelete.getExpected()).isEqualTo(3);
			assertThat(bulkDelete.getAffected()).isEqualTo(1);
		});
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BULK_DELETE")
	void whenNumbersComeWithAnotherOperationThenNotUnderstood(Operation operation) {
		assertThat(failure(operation, Status.Code.INTERNAL, "fewer",
				Any.pack(info(Map.of("expected", "3", "affected", "1")))))
			.isExactlyInstanceOf(ComponentException.class);
	}

	@Test
	void whenBulkDeleteShapeDiffersThenNoNumbers() {
		Any good = Any.pack(info(Map.of("expected", "3", "affected", "1")));
		assertThat(List.of(failure(Operation.BULK_DELETE, Status.Code.UNKNOWN, "x", good),
				failure(Operation.BULK_DELETE, Status.Code.INTERNAL, "x", good, good),
				failure(Operation.BULK_DELETE, Status.Code.INTERNAL, "x"),
				failure(Operation.BULK_DELETE, Status.Code.INTERNAL, "x", ETAG),
				failure(Operation.BULK_DELETE, Status.Code.INTERNAL, "x", Any.pack(info(Map.of("expected", "3")))),
				failure(Operation.BULK_DELETE, Status.Code.INTERNAL, "x",
						Any.pack(info(Map.of("expected", "three", "affected", "1"))))))
			.hasOnlyElementsOfType(ComponentException.class);
	}

	@ParameterizedTest
	@EnumSource
	void whenErrorIsOfTheKitThenItComesFirst(Operation operation) {
		Any kit = Any.pack(info(
				Map.of("kit_error", "true", "http_code", "418", "tag", "TEAPOT", "expected", "3", "affected", "1")));
		for (Status.Code code : List.of(Status.Code.FAILED_PRECONDITION, Status.Code.INTERNAL)) {
			PluggableException ex = failure(operation, code, "x", kit);
			assertThat(ex).isExactlyInstanceOf(ComponentException.class);
			assertThat(ex.getKitError()).isEqualTo(new DaprKitError("REASON", "domain", 418, "TEAPOT"));
		}
	}

	@ParameterizedTest
	@EnumSource
	void whenNothingParticularThenByCode(Operation operation) {
		assertThat(failure(operation, Status.Code.UNIMPLEMENTED, "x"))
			.isExactlyInstanceOf(UnsupportedOperationByComponentException.class);
		assertThat(failure(operation, Status.Code.UNAVAILABLE, "x"))
			.isExactlyInstanceOf(ComponentUnavailableException.class);
		assertThat(failure(operation, Status.Code.DEADLINE_EXCEEDED, "x"))
			.isExactlyInstanceOf(ComponentTimeoutException.class);
		assertThat(failure(operation, Status.Code.INTERNAL, "x")).isExactlyInstanceOf(ComponentException.class);
	}

	private static final ServiceCalls<StateStore> CALLS = new ServiceCalls<>("state store", new ComponentInstances<>() {

		@Override
		public StateStore current() {
			throw new IllegalStateException();
		}

		@Override
		public void initialize(Map<String, String> metadata) {
			throw new IllegalStateException();
		}

	}, GrpcStateErrors::toStatus);

	private static com.google.rpc.Status status(Exception ex) {
		com.google.rpc.Status status = StatusProto.fromThrowable(CALLS.toStatus("Set", ex));
		assertThat(status).isNotNull();
		return (status != null) ? status : com.google.rpc.Status.getDefaultInstance();
	}

	@Test
	void whenExceptionOfAnotherComponentIsServedThenItsStatusIsKept() {
		Message kit = info(Map.of("kit_error", "true", "http_code", "418"));
		PluggableException received = failure(Operation.SET, Status.Code.ABORTED, "no tea", Any.pack(kit));
		assertThat(status(received)).isEqualTo(com.google.rpc.Status.newBuilder()
			.setCode(Status.Code.ABORTED.value())
			.setMessage("no tea")
			.addDetails(Any.pack(kit))
			.build());
		assertThat(status(failure(Operation.GET, Status.Code.NOT_FOUND, "no bucket")))
			.isEqualTo(com.google.rpc.Status.newBuilder()
				.setCode(Status.Code.NOT_FOUND.value())
				.setMessage("no bucket")
				.build());
	}

	@Test
	void whenLoneViolationOfAnotherComponentIsServedThenItsShapeIsPutRight() {
		com.google.rpc.Status served = status(
				failure(Operation.SET, Status.Code.FAILED_PRECONDITION, "stale", LONE_VIOLATION));
		assertThat(served).isEqualTo(com.google.rpc.Status.newBuilder()
			.setCode(Status.Code.FAILED_PRECONDITION.value())
			.setMessage("stale")
			.addDetails(Any.pack(BadRequest.newBuilder()
				.addFieldViolations(FieldViolation.newBuilder().setField("etag").setDescription("stale"))
				.build()))
			.build());
	}

	@Test
	void whenMessageIsLongThenItIsCut() {
		com.google.rpc.Status served = status(new EtagMismatchException("\ud83d\ude00".repeat(1000)));
		assertThat(served.getMessage()).hasSizeLessThan(2000).endsWith("\ude00...");
		// A caller that does not tell its limit accepts 8 KiB.
		assertThat(served.getSerializedSize()).isLessThan(8 * 1024);
		assertThat(served.getDetailsList()).hasSize(1);
	}

}
