package dev.pluggable.bindings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import com.google.protobuf.ByteString;
import dev.pluggable.ComponentException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.server.ComponentServer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link OutputBindingService} over a real socket, with a host in bare gRPC.
 */
class OutputBindingServiceTests {

	@TempDir
	Path folder;

	private final List<Map<String, String>> inits = new CopyOnWriteArrayList<>();

	private final List<InvokeRequest> requests = new CopyOnWriteArrayList<>();

	private volatile RuntimeException failure;

	private volatile InvokeResponse response = InvokeResponse.of(new byte[0]);

	private ComponentServer server;

	private BindingClient client;

	@BeforeEach
	void start() {
		this.server = ComponentServer.inFolder(this.folder, "mail")
			.serve(OutputBindingKind.INSTANCE, (name, metadata) -> {
				this.inits.add(metadata);
				return new Recorder();
			})
			.start();
		this.client = new BindingClient(this.server.socket());
	}

	@AfterEach
	void stop() {
		this.client.close();
		this.server.close();
	}

	private BindingsProto.InvokeResponse invoke(BindingsProto.InvokeRequest.Builder request) {
		return this.client.output().invoke(request.build());
	}

	@Test
	void whenNotInitialisedThenItIsSaid() {
		assertStatus(Status.Code.FAILED_PRECONDITION);
	}

	@Test
	void whenInitialisedThenTheImplementationGetsTheMetadata() {
		this.client.initOutput(Map.of("a", "b"));
		assertThat(this.inits).containsExactly(Map.of("a", "b"));
	}

	private void assertStatus(Status.Code code) {
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> invoke(BindingsProto.InvokeRequest.newBuilder().setOperation("create")))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(code));
	}

	@Test
	void whenInvokedThenRequestAndAnswerAreComplete() {
		this.client.initOutput(Map.of());
		this.response = new InvokeResponse("answer".getBytes(), "text/plain", Map.of("c", "d"));
		assertThat(invoke(BindingsProto.InvokeRequest.newBuilder()
			.setOperation("create")
			.setData(ByteString.copyFromUtf8("data"))
			.putMetadata("a", "b")))
			.isEqualTo(BindingsProto.InvokeResponse.newBuilder()
				.setData(ByteString.copyFromUtf8("answer"))
				.setContentType("text/plain")
				.putMetadata("c", "d")
				.build());
		assertThat(this.requests).containsExactly(new InvokeRequest("create", "data".getBytes(), Map.of("a", "b")));
		this.response = InvokeResponse.of(new byte[0]);
		assertThat(invoke(BindingsProto.InvokeRequest.newBuilder().setOperation("create")))
			.isEqualTo(BindingsProto.InvokeResponse.getDefaultInstance());
	}

	@Test
	void whenAskedThenOperationsAreListedAndPingWorks() {
		this.client.initOutput(Map.of());
		assertThat(this.client.output()
			.listOperations(BindingsProto.ListOperationsRequest.getDefaultInstance())
			.getOperationsList()).containsExactly("create");
		this.client.output().ping(CommonProto.PingRequest.getDefaultInstance());
	}

	@Test
	void whenTheOperationIsEmptyThenTheImplementationIsNotAsked() {
		this.client.initOutput(Map.of());
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> invoke(BindingsProto.InvokeRequest.newBuilder()))
			.withMessageContaining("INVALID_ARGUMENT")
			.withMessageContaining("'operation'");
		assertThat(this.requests).isEmpty();
	}

	@Test
	void whenTheImplementationThrowsThenItIsAStatusWithoutThePayload() {
		this.client.initOutput(Map.of());
		this.failure = new InvalidRequestException("no");
		assertStatus(Status.Code.INVALID_ARGUMENT);
		this.failure = new UnsupportedOperationByComponentException("no");
		assertStatus(Status.Code.UNIMPLEMENTED);
		this.failure = new ComponentException("no", (Throwable) null);
		assertStatus(Status.Code.INTERNAL);
		this.failure = new IllegalStateException("s3cret");
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> invoke(BindingsProto.InvokeRequest.newBuilder().setOperation("create")))
			.withMessage("INTERNAL: Invoke failed: java.lang.IllegalStateException");
	}

	private final class Recorder implements OutputBinding {

		@Override
		public InvokeResponse invoke(InvokeRequest request) {
			RuntimeException ex = OutputBindingServiceTests.this.failure;
			if (ex != null) {
				throw ex;
			}
			OutputBindingServiceTests.this.requests.add(request);
			return OutputBindingServiceTests.this.response;
		}

		@Override
		public Set<String> operations() {
			return Set.of("create");
		}

	}

}
