package dev.pluggable.server;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

import dev.pluggable.ComponentException;
import dev.pluggable.fixtures.Connections;
import dev.pluggable.fixtures.DelegatingStateStore;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.state.EtagMismatchException;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.SetRequest;
import dev.pluggable.state.StateStoreKind;
import dev.pluggable.transport.TransportType;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests that the code of an error of a served component arrives, and as much of its text
 * as the caller accepts.
 */
class ServedErrorTests {

	@TempDir
	Path folder;

	private RuntimeException failure = new IllegalStateException();

	private ComponentServer server;

	@BeforeEach
	void serve() {
		this.server = ComponentServer.builder(this.folder.resolve("x.sock"))
			.serveInstance(StateStoreKind.INSTANCE, new DelegatingStateStore(new InMemoryStateStore()) {

				@Override
				public void set(SetRequest request) {
					throw ServedErrorTests.this.failure;
				}

			})
			.start();
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	private Status failure(int maxMetadata, RuntimeException failure) throws Exception {
		this.failure = failure;
		try (Transport transport = Transport.create(TransportType.AUTO, maxMetadata)) {
			ManagedChannel channel = Connections.to(this.server.socket(), transport);
			try {
				return catchThrowableOfType(StatusRuntimeException.class,
						() -> StateStoreGrpc.newBlockingStub(channel)
							.withDeadlineAfter(30, TimeUnit.SECONDS)
							.set(StateProto.SetRequest.newBuilder().setKey("k").build()))
					.getStatus();
			}
			finally {
				channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
			}
		}
	}

	@Test
	void whenAServedComponentFailsWithALongTextThenCodeAndTextArrive() throws Exception {
		String text = "x".repeat(9_000);
		Status status = failure(65_536, new ComponentException(text, (Throwable) null));
		assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
		assertThat(status.getDescription()).isEqualTo(text);
		status = failure(65_536, new EtagMismatchException(text));
		assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
		assertThat(status.getDescription()).isEqualTo(text);
	}

	@Test
	void whenTheTextIsTooLongForTheCallerThenTheCodeArrivesAndTheTextIsCut() throws Exception {
		for (int maxMetadata : new int[] { 8_192, 20_000, 65_536 }) {
			for (String character : new String[] { "x", "%", "\u00e9", "\u20ac", "\ud83d\ude00" }) {
				Status status = failure(maxMetadata, new EtagMismatchException(character.repeat(100_000)));
				assertThat(status.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
				assertThat(status.getDescription()).startsWith(character.repeat(150)).endsWith("...");
			}
		}
	}

}
