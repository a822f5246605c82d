package dev.pluggable.bindings;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.google.protobuf.ByteString;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.bindings.FakeBindingServer.BindingSide;
import dev.pluggable.proto.components.v1.BindingsProto;
import io.grpc.Status;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class GrpcOutputBindingTests {

	@TempDir
	Path folder;

	private BindingHost bindings;

	private FakeBindingServer server;

	private OutputBinding binding;

	@BeforeEach
	void start() {
		this.bindings = new BindingHost(this.folder);
		this.server = this.bindings.server("mail").serving(BindingSide.OUTPUT).start();
		this.bindings.start();
		this.binding = this.bindings.output("mail");
	}

	@AfterEach
	void stop() throws Exception {
		this.bindings.close();
	}

	@Test
	void whenInvokedThenRequestAndAnswerAreComplete() {
		this.server.answer = (request) -> BindingsProto.InvokeResponse.newBuilder()
			.setData(ByteString.copyFromUtf8("answer"))
			.setContentType("text/plain")
			.putMetadata("id", "7")
			.build();
		InvokeResponse response = this.binding
			.invoke(InvokeRequest.of("create", "data".getBytes()).withMetadata(Map.of("to", "x")));
		assertThat(response).isEqualTo(new InvokeResponse("answer".getBytes(), "text/plain", Map.of("id", "7")));
		assertThat(this.server.invocations).containsExactly(BindingsProto.InvokeRequest.newBuilder()
			.setOperation("create")
			.setData(ByteString.copyFromUtf8("data"))
			.putMetadata("to", "x")
			.build());
	}

	@Test
	void whenTheAnswerIsEmptyThenThereIsNoContentType() {
		this.server.answer = (request) -> BindingsProto.InvokeResponse.getDefaultInstance();
		assertThat(this.binding.invoke("get", new byte[0])).isEqualTo(InvokeResponse.of(new byte[0]));
	}

	@Test
	void whenTheOperationIsNotListedThenNothingIsSent() {
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> this.binding.invoke("Create", new byte[0]))
			.withMessage("Invoke on output-bindings component 'mail': there is no operation 'Create'; "
					+ "the component has [create, get]")
			.satisfies((ex) -> assertThat(ex.getOperation()).isEqualTo("Invoke"));
		assertThat(this.server.invocations).isEmpty();
	}

	@Test
	void whenTheNextProcessHasOtherOperationsThenTheseCount() {
		assertThat(this.binding.operations()).containsExactlyInAnyOrder("create", "get");
		this.server.close();
		FakeBindingServer next = this.bindings.server("mail").serving(BindingSide.OUTPUT);
		next.operations = List.of("list", "", "list");
		next.start();
		BindingHost.await().ignoreExceptions().until(() -> this.binding.operations().contains("list"));
		assertThat(this.binding.operations()).containsExactly("list");
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> this.binding.invoke("create", new byte[0]));
		this.binding.invoke("list", new byte[0]);
	}

	@Test
	void whenTheComponentFailsThenTheStatusDecides() {
		assertFailure(Status.INVALID_ARGUMENT, InvalidRequestException.class);
		assertFailure(Status.UNIMPLEMENTED, UnsupportedOperationByComponentException.class);
		assertFailure(Status.UNAVAILABLE, ComponentUnavailableException.class);
		assertFailure(Status.UNKNOWN, ComponentException.class);
	}

	private void assertFailure(Status status, Class<? extends PluggableException> type) {
		this.server.answer = (request) -> {
			throw status.withDescription("said so").asRuntimeException();
		};
		assertThatExceptionOfType(type).isThrownBy(() -> this.binding.invoke("get", "s3cret".getBytes()))
			.withMessageContaining("Invoke on output-bindings component 'mail'")
			.withMessageContaining("said so")
			.withMessageNotContaining("s3cret");
	}

}
