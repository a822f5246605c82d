package dev.pluggable.host;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.rpc.ErrorInfo;
import dev.pluggable.Component;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentState;
import dev.pluggable.ComponentType;
import dev.pluggable.PluggableException;
import dev.pluggable.bindings.BindingHandler;
import dev.pluggable.bindings.InputBindingKind;
import dev.pluggable.bindings.Reading;
import dev.pluggable.endpoint.EndpointSettings;
import dev.pluggable.endpoint.EndpointStatus;
import dev.pluggable.fixtures.LogCapture;
import dev.pluggable.internal.transport.Transport;
import dev.pluggable.proto.components.v1.BindingsProto;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.InputBindingGrpc;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.state.GetRequest;
import dev.pluggable.state.StateStore;
import dev.pluggable.state.StateStoreKind;
import dev.pluggable.stream.StreamStatus;
import dev.pluggable.transport.TransportType;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ListServiceResponse;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for the texts that components send: their secrets, their characters and their
 * sizes.
 */
class ComponentTextsTests {

	private static final String MARKER = "m4rk3r";

	private static final String SECRET = "begin\"" + MARKER + "\\é\n" + MARKER + " end+/";

	private static final String STATE_STORE = "dapr.proto.components.v1.StateStore";

	@TempDir
	Path folder;

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final TalkativeStore store = new TalkativeStore();

	private final Reflection reflection = new Reflection();

	private Server server;

	private ComponentHost host;

	@AfterEach
	void close() {
		if (this.host != null) {
			this.host.close();
		}
		if (this.server != null) {
			this.server.shutdownNow();
		}
		this.transport.close();
	}

	@Test
	void whenAComponentRepeatsItsSecretsInAnyEncodingThenTheyAreShownNowhere() throws Exception {
		List<String> texts = List.of(SECRET, json(SECRET), json(json(SECRET)), url(SECRET), url(url(SECRET)),
				url(SECRET).toLowerCase(Locale.ROOT), base64(SECRET), base64("user:" + SECRET),
				base64("x" + SECRET + "y"),
				Base64.getUrlEncoder().withoutPadding().encodeToString(SECRET.getBytes(StandardCharsets.UTF_8)));
		StringBuilder shown = new StringBuilder();
		try (LogCapture log = new LogCapture()) {
			this.store.features = () -> List.of("ETAG", MARKER, "with-" + MARKER);
			this.reflection.services = () -> List.of(STATE_STORE, "a." + MARKER);
			start(Map.of("password", SECRET, "token", MARKER));
			await().until(() -> component().status().state() == ComponentState.READY);
			for (String text : texts) {
				this.store.failure = () -> StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
					.setCode(2)
					.setMessage("no access with " + text + ".")
					.addDetails(Any.pack(ErrorInfo.newBuilder()
						.setReason(text)
						.putMetadata("kit_error", "true")
						.putMetadata("http_code", "400")
						.build()))
					.build());
				PluggableException failure = catchThrowableOfType(PluggableException.class,
						() -> component().instance().get("k"));
				append(shown, failure);
				shown.append(failure.getKitError())
					.append(new String(failure.getDetails().get(0).value(), StandardCharsets.UTF_8));
				this.store.item = () -> text;
				shown.append(component().instance().bulkGet(List.of(GetRequest.of("k"))));
			}
			await().untilAsserted(() -> assertThat(component().status().probe().detail()).contains("no access with"));
			shown.append(component().status()).append(this.host.endpoints());
			this.server.shutdownNow();
			this.store.failInit = true;
			this.server = serve();
			await().until(() -> component().status().state() == ComponentState.INIT_FAILED);
			shown.append(component().status()).append(this.host.endpoints());
			this.reflection.error = "no access with " + texts.get(1);
			this.server.shutdownNow();
			this.server = serve();
			await().untilAsserted(() -> assertThat(endpoint().reason()).contains("did not list"));
			shown.append(component().status()).append(this.host.endpoints());
			shown.append(log.text());
		}
		assertThat(shown.toString()).contains("no access with ******.")
			.doesNotContain(MARKER, url(MARKER + "\\"), base64(SECRET).substring(4, 16));
		for (String text : texts) {
			assertThat(shown.toString()).doesNotContain(text);
		}
	}

	@Test
	void whenAComponentReportsTooManyOrMalformedFeaturesThenOnlyGoodOnesAreKept() {
		List<String> features = new ArrayList<>(IntStream.range(0, 200_000).mapToObj((i) -> "feature-" + i).toList());
		features.addAll(List.of("ETAG", "a\u202Eb", "a\u2028b", "a\nb", "", "A".repeat(201)));
		this.store.features = () -> features;
		start(Map.of());
		await().until(() -> component().status().state() == ComponentState.READY);
		assertThat(component().status().features()).hasSize(200)
			.contains("ETAG")
			.allMatch((feature) -> feature.equals("ETAG") || feature.startsWith("feature-"));
		assertThat(component().instance().features()).isEqualTo(component().status().features());
	}

	@Test
	void whenAServerListsManyServicesAndTheKnownOneLastThenItIsFound() {
		List<String> services = new ArrayList<>(IntStream.range(0, 5_000).mapToObj((i) -> "a.service" + i).toList());
		services.add(STATE_STORE);
		this.reflection.services = () -> services;
		start(Map.of());
		await().until(() -> component().status().state() == ComponentState.READY);
		assertThat(endpoint().services()).hasSize(1000);
	}

	@Test
	void whenAnErrorHasALongTextOrLongDetailsThenCodeAndTextArrive() {
		start(Map.of());
		await().until(() -> component().status().state() == ComponentState.READY);
		for (int length : new int[] { 9_000, 20_000 }) {
			String text = "x".repeat(length);
			this.store.failure = () -> Status.ALREADY_EXISTS.withDescription(text).asRuntimeException();
			assertThat(failure()).isInstanceOf(ComponentException.class)
				.satisfies((ex) -> assertThat(ex.getStatusCode()).isEqualTo(Status.Code.ALREADY_EXISTS))
				.hasMessageContaining(text);
			this.store.failure = () -> StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
				.setCode(6)
				.setMessage("said")
				.addDetails(Any.pack(ErrorInfo.newBuilder().setReason(text).build()))
				.build());
			assertThat(failure()).hasMessageContaining("ALREADY_EXISTS (said)")
				.satisfies((ex) -> assertThat(ex.getDetails()).hasSize(1));
		}
		for (int length : new int[] { 70_000, 100_000, 1_000_000 }) {
			this.store.failure = () -> Status.ALREADY_EXISTS.withDescription("x".repeat(length)).asRuntimeException();
			assertThat(failure()).hasMessageContaining("'pluggable.transport.max-inbound-metadata-size'")
				.hasMessageContaining("65536 bytes");
			this.store.failure = () -> Status.ALREADY_EXISTS.withDescription("short").asRuntimeException();
			assertThat(failure()).hasMessageContaining("ALREADY_EXISTS (short)");
		}
		assertThat(endpoint().generation()).as("the connection has never ended").isEqualTo(1);
	}

	private Reading read(BindingHandler handler) {
		await().until(() -> this.host.registry().find(InputBindingKind.INSTANCE, "in").isPresent());
		return this.host.registry().find(InputBindingKind.INSTANCE, "in").orElseThrow().instance().read(handler);
	}

	@Test
	void whenAMessageOfAStreamIsTooLargeThenThePropertyIsNamed() throws Exception {
		Path other = this.folder.resolve("in.sock");
		Server binding = this.transport.server(other)
			.addService(new LargeEvents(""))
			.addService(ProtoReflectionServiceV1.newInstance())
			.build()
			.start();
		try (LogCapture log = new LogCapture()) {
			start(Map.of());
			Reading reading = read((event) -> null);
			await().untilAsserted(() -> assertThat(log.text()).contains("RESOURCE_EXHAUSTED",
					"the component has sent a message that is too large",
					"'pluggable.components.in.max-inbound-message-size'", "does not reach the messages behind it"));
			assertThat(reading.status().state()).isIn(StreamStatus.State.WAITING, StreamStatus.State.ACTIVE);
			reading.close();
		}
		finally {
			binding.shutdownNow();
		}
	}

	@Test
	void whenAMessageOfAStreamIsTooLargeThenItIsRefusedAndTheNextOneIsHandled() throws Exception {
		LargeEvents events = new LargeEvents("large");
		Server binding = this.transport.server(this.folder.resolve("in.sock"))
			.addService(events)
			.addService(ProtoReflectionServiceV1.newInstance())
			.build()
			.start();
		try (LogCapture log = new LogCapture()) {
			start(Map.of());
			List<String> handled = new CopyOnWriteArrayList<>();
			Reading reading = read((event) -> {
				handled.add(event.id());
				return null;
			});
			await().untilAsserted(() -> assertThat(events.answers).hasSize(2));
			assertThat(handled).containsExactly("next");
			BindingsProto.ReadRequest refused = events.answers.get(0);
			assertThat(refused.getMessageId()).isEqualTo("large");
			assertThat(refused.getResponseError().getMessage())
				.startsWith("the message is larger than the application accepts: gRPC message exceeds maximum size");
			assertThat(events.answers.get(1).getMessageId()).isEqualTo("next");
			assertThat(log.text()).contains("has refused a message that is too large",
					"'pluggable.components.in.max-inbound-message-size'");
			assertThat(reading.status().reconnects()).isZero();
			reading.close();
		}
		finally {
			binding.shutdownNow();
		}
	}

	private PluggableException failure() {
		return catchThrowableOfType(PluggableException.class, () -> component().instance().get("k"));
	}

	private static void append(StringBuilder shown, Throwable failure) {
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace));
		shown.append(trace);
	}

	private static String json(String text) {
		return text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("é", "\\u00e9");
	}

	private static String url(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static String base64(String text) {
		return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
	}

	private Path socket() {
		return this.folder.resolve("x.sock");
	}

	private void start(Map<String, String> metadata) {
		this.server = serve();
		ComponentDeclaration declaration = new ComponentDeclaration("orders", ComponentType.of("state.x"), false,
				metadata, HostSettings.defaultComponentSettings());
		this.host = new ComponentHost(HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withDeclarations(List.of(declaration))
			.withEndpoints(new EndpointSettings(Duration.ofSeconds(5), Duration.ofMillis(100), Duration.ofSeconds(5),
					Duration.ofSeconds(1))));
		this.host.start();
	}

	private Server serve() {
		try {
			Files.deleteIfExists(socket());
			return this.transport.server(socket()).addService(this.store).addService(this.reflection).build().start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Component<StateStore> component() {
		return this.host.registry().find(StateStoreKind.INSTANCE, "orders").orElseThrow();
	}

	private EndpointStatus endpoint() {
		return this.host.endpoints().get(0);
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(30));
	}

	/**
	 * A store whose calls fail.
	 */
	private static final class TalkativeStore extends StateStoreGrpc.StateStoreImplBase {

		private volatile Supplier<List<String>> features = () -> List.of("ETAG");

		private volatile Supplier<StatusRuntimeException> failure = () -> Status.OK.asRuntimeException();

		private volatile Supplier<String> item = () -> "";

		private volatile boolean failInit;

		@Override
		public void init(StateProto.InitRequest request, StreamObserver<StateProto.InitResponse> response) {
			if (this.failInit) {
				response.onError(this.failure.get());
				return;
			}
			response.onNext(StateProto.InitResponse.getDefaultInstance());
			response.onCompleted();
		}

		@Override
		public void features(CommonProto.FeaturesRequest request,
				StreamObserver<CommonProto.FeaturesResponse> response) {
			response.onNext(CommonProto.FeaturesResponse.newBuilder().addAllFeatures(this.features.get()).build());
			response.onCompleted();
		}

		@Override
		public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> response) {
			StatusRuntimeException failure = this.failure.get();
			if (failure.getStatus().isOk()) {
				response.onNext(CommonProto.PingResponse.getDefaultInstance());
				response.onCompleted();
			}
			else {
				response.onError(failure);
			}
		}

		@Override
		public void get(StateProto.GetRequest request, StreamObserver<StateProto.GetResponse> response) {
			response.onError(this.failure.get());
		}

		@Override
		public void bulkGet(StateProto.BulkGetRequest request, StreamObserver<StateProto.BulkGetResponse> response) {
			response.onNext(StateProto.BulkGetResponse.newBuilder()
				.addItems(StateProto.BulkStateItem.newBuilder().setKey("k").setError(this.item.get()))
				.build());
			response.onCompleted();
		}

	}

	/**
	 * An input binding whose events are larger than the limit.
	 */
	private static final class LargeEvents extends InputBindingGrpc.InputBindingImplBase {

		private final List<BindingsProto.ReadRequest> answers = new CopyOnWriteArrayList<>();

		private final String id;

		LargeEvents(String id) {
			this.id = id;
		}

		@Override
		public void init(BindingsProto.InputBindingInitRequest request,
				StreamObserver<BindingsProto.InputBindingInitResponse> response) {
			response.onNext(BindingsProto.InputBindingInitResponse.getDefaultInstance());
			response.onCompleted();
		}

		@Override
		public StreamObserver<BindingsProto.ReadRequest> read(StreamObserver<BindingsProto.ReadResponse> response) {
			response.onNext(BindingsProto.ReadResponse.newBuilder()
				.setData(ByteString.copyFrom(new byte[5_000_000]))
				.setMessageId(this.id)
				.build());
			response.onNext(BindingsProto.ReadResponse.newBuilder()
				.setData(ByteString.copyFromUtf8("small"))
				.setMessageId("next")
				.build());
			return new StreamObserver<>() {

				@Override
				public void onNext(BindingsProto.ReadRequest request) {
					LargeEvents.this.answers.add(request);
				}

				@Override
				public void onError(Throwable failure) {
				}

				@Override
				public void onCompleted() {
					response.onCompleted();
				}

			};
		}

	}

	/**
	 * Lists any services.
	 */
	private static final class Reflection extends ServerReflectionGrpc.ServerReflectionImplBase {

		private volatile Supplier<List<String>> services = () -> List.of(STATE_STORE);

		private volatile String error;

		@Override
		public StreamObserver<ServerReflectionRequest> serverReflectionInfo(
				StreamObserver<ServerReflectionResponse> response) {
			return new StreamObserver<>() {

				@Override
				public void onNext(ServerReflectionRequest request) {
					ServerReflectionResponse.Builder answer = ServerReflectionResponse.newBuilder();
					if (Reflection.this.error != null) {
						answer.getErrorResponseBuilder().setErrorMessage(Reflection.this.error);
					}
					else {
						ListServiceResponse.Builder list = answer.getListServicesResponseBuilder();
						Reflection.this.services.get()
							.forEach((name) -> list.addService(ServiceResponse.newBuilder().setName(name)));
					}
					response.onNext(answer.build());
				}

				@Override
				public void onError(Throwable failure) {
				}

				@Override
				public void onCompleted() {
					response.onCompleted();
				}

			};
		}

	}

}
