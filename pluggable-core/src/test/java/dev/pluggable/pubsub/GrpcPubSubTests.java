package dev.pluggable.pubsub;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.pluggable.ApplicationIdentity;
import dev.pluggable.ComponentClient;
import dev.pluggable.ComponentContext;
import dev.pluggable.ComponentException;
import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentGeneration;
import dev.pluggable.ComponentType;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.Registration;
import dev.pluggable.UnsupportedOperationByComponentException;
import dev.pluggable.fixtures.TestGeneration;
import dev.pluggable.proto.components.v1.CommonProto;
import dev.pluggable.proto.components.v1.PubSubGrpc;
import dev.pluggable.proto.components.v1.PubSubProto;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Tests for {@link GrpcPubSub} without its subscriptions, and for {@link PubSubKind},
 * against a component in bare gRPC.
 */
class GrpcPubSubTests {

	private final RawPubSub component = new RawPubSub();

	private final PubSubKind kind = PubSubKind.INSTANCE;

	private Server server;

	private ManagedChannel channel;

	@BeforeEach
	void start() throws IOException {
		this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
			.addService(this.component)
			.build()
			.start();
		this.channel = NettyChannelBuilder
			.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), this.server.getPort()))
			.usePlaintext()
			.build();
	}

	@AfterEach
	void stop() throws InterruptedException {
		this.channel.shutdownNow();
		this.server.shutdownNow();
		assertThat(this.channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
		assertThat(this.server.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
	}

	private PubSub proxy(String... features) {
		return this.kind.createProxy(new Client(this.channel, Set.of(features)));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static BulkPublishRequest bulk() {
		return new BulkPublishRequest("orders",
				List.of(BulkPublishRequest.Entry.of("1", bytes("a")).withContentType("text/plain"),
						new BulkPublishRequest.Entry("2", bytes("b"), null, Map.of("own", "y")),
						BulkPublishRequest.Entry.of("3", bytes("c"))),
				Map.of("all", "x", "own", "x"));
	}

	@Test
	void whenPublishedThenAllOfItIsSent() {
		proxy().publish(PublishRequest.of("orders", bytes("{}"))
			.withContentType("application/json")
			.withMetadata(Map.of("a", "b")));
		assertThat(this.component.received).singleElement()
			.isEqualTo(PubSubProto.PublishRequest.newBuilder()
				.setPubsubName("bus")
				.setTopic("orders")
				.setData(ByteString.copyFromUtf8("{}"))
				.setContentType("application/json")
				.putMetadata("a", "b")
				.build());
	}

	@Test
	void whenPublishFailsThenExceptionSaysWhatAndWhere() {
		this.component.status = Status.INTERNAL.withDescription("broker is full");
		assertThatExceptionOfType(ComponentException.class).isThrownBy(() -> proxy().publish("orders", new byte[0]))
			.withMessage("Publish on pubsub component 'bus': INTERNAL (broker is full)");
	}

	@Test
	void whenBulkIsPublishedThenItIsOneCall() {
		proxy(PubSubFeatures.BULK_PUBSUB).bulkPublish(bulk());
		PubSubProto.BulkPublishRequest request = (PubSubProto.BulkPublishRequest) this.component.received.get(0);
		assertThat(this.component.received).hasSize(1);
		assertThat(request.getPubsubName()).isEqualTo("bus");
		assertThat(request.getTopic()).isEqualTo("orders");
		assertThat(request.getMetadataMap()).isEqualTo(Map.of("all", "x", "own", "x"));
		assertThat(request.getEntriesList()).map(PubSubProto.BulkMessageEntry::getEntryId)
			.containsExactly("1", "2", "3");
		assertThat(request.getEntries(0).getContentType()).isEqualTo("text/plain");
		assertThat(request.getEntries(0).getEvent().toStringUtf8()).isEqualTo("a");
		assertThat(request.getEntries(1).getMetadataMap()).isEqualTo(Map.of("own", "y"));
	}

	@Test
	void whenSomeOfABulkFailThenExceptionNamesThem() {
		this.component.failed("2", "too large");
		this.component.failed("3", "");
		this.component.failed("2", "again");
		this.component.failed("elsewhere", "lost");
		BulkPublishException ex = catchThrowableOfType(BulkPublishException.class,
				() -> proxy(PubSubFeatures.BULK_PUBSUB).bulkPublish(bulk()));
		assertThat(ex.getFailedEntries()).containsExactly(Map.entry("2", "too large"),
				Map.entry("3", "the component does not say why"),
				Map.entry("elsewhere", "lost; no entry with this id was sent, so the failed entry is unknown"));
		assertThat(ex).hasMessageContaining("BulkPublish on pubsub component 'bus'")
			.hasMessageContaining("3 entries were not published: '2' (too large)");
		assertThat(ex.getComponent()).isEqualTo("bus");
	}

	@Test
	void whenReasonContainsASecretThenItIsHidden() {
		this.component.failed("2", "password hunter2 refused");
		BulkPublishException ex = catchThrowableOfType(BulkPublishException.class,
				() -> proxy(PubSubFeatures.BULK_PUBSUB).bulkPublish(bulk()));
		assertThat(ex.getFailedEntries()).containsExactly(Map.entry("2", "password *** refused"));
		assertThat(ex.getMessage()).doesNotContain("hunter2");
	}

	@Test
	void whenBulkFailsAsAWholeThenItsStatusDecides() {
		this.component.status = Status.UNIMPLEMENTED;
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class)
			.isThrownBy(() -> proxy(PubSubFeatures.BULK_PUBSUB).bulkPublish(bulk()));
	}

	@Test
	void whenBulkIsEmptyThenNothingIsSent() {
		proxy(PubSubFeatures.BULK_PUBSUB).bulkPublish(BulkPublishRequest.of("orders", List.of()));
		proxy().bulkPublish(BulkPublishRequest.of("orders", List.of()));
		assertThat(this.component.received).isEmpty();
	}

	@Test
	void whenComponentHasNoBulkThenEntriesArePublishedOneByOne() {
		proxy().bulkPublish(bulk());
		assertThat(this.component.received).hasSize(3).allMatch(PubSubProto.PublishRequest.class::isInstance);
		PubSubProto.PublishRequest second = (PubSubProto.PublishRequest) this.component.received.get(1);
		assertThat(second.getMetadataMap()).isEqualTo(Map.of("all", "x", "own", "y"));
	}

	@Test
	void whenOneOfSeveralFailsThenTheOthersArePublished() {
		this.component.badData = "b";
		BulkPublishException ex = catchThrowableOfType(BulkPublishException.class, () -> proxy().bulkPublish(bulk()));
		assertThat(ex.getFailedEntries()).containsOnlyKeys("2");
		assertThat(ex.getComponent()).isEqualTo("bus");
		assertThat(this.component.received).hasSize(3);
	}

	@Test
	void whenComponentIsGoneThenTheRestOfTheBulkIsNotTried() {
		this.component.status = Status.UNAVAILABLE;
		BulkPublishException ex = catchThrowableOfType(BulkPublishException.class, () -> proxy().bulkPublish(bulk()));
		assertThat(ex.getFailedEntries()).containsOnlyKeys("1", "2", "3");
		assertThat(ex.getFailedEntries().get("3")).startsWith("not tried after: ");
		assertThat(this.component.received).hasSize(1);
	}

	@Test
	void whenComponentPausesThenPauseAndResumeAreCalled() {
		PubSub proxy = proxy();
		proxy.pause();
		proxy.resume();
		proxy.ping();
		assertThat(this.component.received).containsExactly(PubSubProto.PauseRequest.getDefaultInstance(),
				PubSubProto.ResumeRequest.getDefaultInstance(), CommonProto.PingRequest.getDefaultInstance());
		assertThat(proxy("A", "B").features()).containsExactlyInAnyOrder("A", "B");
	}

	@Test
	void whenComponentCannotPauseThenUnsupported() {
		this.component.status = Status.UNIMPLEMENTED;
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class).isThrownBy(proxy()::pause);
		assertThatExceptionOfType(UnsupportedOperationByComponentException.class).isThrownBy(proxy()::resume);
	}

	@Test
	void whenDrainedThenNothingCanBeSubscribedTo() {
		GrpcPubSub proxy = (GrpcPubSub) proxy();
		assertThat(proxy.drain(Duration.ofSeconds(1)).toCompletableFuture()).isDone();
		assertThat(this.component.received).isEmpty();
		assertThatExceptionOfType(ComponentUnavailableException.class)
			.isThrownBy(() -> proxy.subscribe("orders", (message) -> MessageOutcome.ACK))
			.withMessageContaining("stopping");
	}

	@Test
	void whenAskedThenKindIsDescribed() {
		assertThat(this.kind.name()).isEqualTo("pubsub");
		assertThat(this.kind.typePrefix()).isEqualTo("pubsub");
		assertThat(this.kind.type()).isEqualTo(PubSub.class);
		assertThat(this.kind.services()).containsExactly("dapr.proto.components.v1.PubSub");
		assertThat(this.kind.serve(new TestInstances(null))).map(ServerServiceDefinition::getServiceDescriptor)
			.map((descriptor) -> descriptor.getName())
			.containsExactly("dapr.proto.components.v1.PubSub");
	}

	@Test
	void whenInitializedThenConsumerIdIsThatOfTheApplication() {
		assertThat(initialize(Map.of("host", "x"), "shop")).containsExactly("BULK_PUBSUB");
		assertThat(this.component.received.get(0)).isInstanceOf(PubSubProto.PubSubInitRequest.class);
		assertThat(this.component.received.get(1)).isInstanceOf(CommonProto.FeaturesRequest.class);
		assertThat(sentMetadata()).isEqualTo(Map.of("host", "x", "consumerID", "shop"));
	}

	@Test
	void whenConsumerIdIsConfiguredOrApplicationHasNoIdThenMetadataStay() {
		initialize(Map.of("consumerID", "mine"), "shop");
		assertThat(sentMetadata()).isEqualTo(Map.of("consumerID", "mine"));
		this.component.received.clear();
		initialize(Map.of("host", "x"), "");
		assertThat(sentMetadata()).isEqualTo(Map.of("host", "x"));
	}

	@Test
	void whenInitFailsThenFeaturesAreNotAsked() {
		this.component.status = Status.INVALID_ARGUMENT;
		assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> initialize(Map.of(), "shop"));
		assertThat(this.component.received).hasSize(1);
	}

	@Test
	void whenPingedThenPingIsCalled() {
		assertThat(this.kind.ping(this.channel).toCompletableFuture().join()).isNotNull();
		assertThat(this.component.received).containsExactly(CommonProto.PingRequest.getDefaultInstance());
	}

	@Test
	void whenBuiltInIsMadeThenItIsInMemory() throws Exception {
		assertThat(this.kind.builtIns()).containsOnlyKeys("in-memory");
		ComponentFactory<PubSub> factory = this.kind.builtIns().get("in-memory");
		assertThat(factory).isNotNull();
		try (InMemoryPubSub made = (InMemoryPubSub) factory.create("bus", Map.of("unknown", "x"))) {
			assertThat(this.kind.features(made)).containsExactlyInAnyOrder("BULK_PUBSUB", "MESSAGE_TTL",
					"SUBSCRIBE_WILDCARDS");
		}
	}

	private Set<String> initialize(Map<String, String> metadata, String application) {
		ComponentContext context = new ComponentContext("bus", ComponentType.of("pubsub.test"), metadata,
				new ApplicationIdentity(application, ""));
		return this.kind.initialize(TestGeneration.of(this.channel), context).toCompletableFuture().join();
	}

	private Map<String, String> sentMetadata() {
		return ((PubSubProto.PubSubInitRequest) this.component.received.get(0)).getMetadata().getPropertiesMap();
	}

	private static final class Client implements ComponentClient {

		private final Channel channel;

		private final Set<String> features;

		private final ScheduledExecutorService scheduler = new ScheduledThreadPoolExecutor(0);

		private Client(Channel channel, Set<String> features) {
			this.channel = channel;
			this.features = features;
		}

		@Override
		public String component() {
			return "bus";
		}

		@Override
		public String kind() {
			return "pubsub";
		}

		@Override
		public Channel channel() {
			return this.channel;
		}

		@Override
		public CallOptions callOptions() {
			return CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS);
		}

		@Override
		public Set<String> features() {
			return this.features;
		}

		@Override
		public String withoutSecrets(String text) {
			return text.replace("hunter2", "***");
		}

		@Override
		public long generation() {
			return 1;
		}

		@Override
		public Registration onGeneration(Consumer<ComponentGeneration> listener) {
			throw new UnsupportedOperationException();
		}

		@Override
		public Executor executor() {
			return this.scheduler;
		}

		/**
		 * An executor without threads while it has no tasks.
		 */
		@Override
		public ScheduledExecutorService scheduler() {
			return this.scheduler;
		}

	}

	/**
	 * A component that records requests.
	 */
	private static final class RawPubSub extends PubSubGrpc.PubSubImplBase {

		private final List<Message> received = new CopyOnWriteArrayList<>();

		private final PubSubProto.BulkPublishResponse.Builder bulkResponse = PubSubProto.BulkPublishResponse
			.newBuilder();

		private volatile Status status = Status.OK;

		private volatile String badData = "none";

		void failed(String id, String error) {
			this.bulkResponse.addFailedEntriesBuilder().setEntryId(id).setError(error);
		}

		private <R> void answer(Message request, StreamObserver<R> observer, R response) {
			this.received.add(request);
			if (this.status.isOk()) {
				observer.onNext(response);
				observer.onCompleted();
			}
			else {
				observer.onError(this.status.asException());
			}
		}

		@Override
		public void init(PubSubProto.PubSubInitRequest request,
				StreamObserver<PubSubProto.PubSubInitResponse> observer) {
			answer(request, observer, PubSubProto.PubSubInitResponse.getDefaultInstance());
		}

		@Override
		public void features(CommonProto.FeaturesRequest request,
				StreamObserver<CommonProto.FeaturesResponse> observer) {
			answer(request, observer, CommonProto.FeaturesResponse.newBuilder().addFeatures("BULK_PUBSUB").build());
		}

		@Override
		public void publish(PubSubProto.PublishRequest request, StreamObserver<PubSubProto.PublishResponse> observer) {
			if (request.getData().toStringUtf8().equals(this.badData)) {
				this.received.add(request);
				observer.onError(Status.INVALID_ARGUMENT.asException());
				return;
			}
			answer(request, observer, PubSubProto.PublishResponse.getDefaultInstance());
		}

		@Override
		public void bulkPublish(PubSubProto.BulkPublishRequest request,
				StreamObserver<PubSubProto.BulkPublishResponse> observer) {
			answer(request, observer, this.bulkResponse.build());
		}

		@Override
		public void pause(PubSubProto.PauseRequest request, StreamObserver<PubSubProto.PauseResponse> observer) {
			answer(request, observer, PubSubProto.PauseResponse.getDefaultInstance());
		}

		@Override
		public void resume(PubSubProto.ResumeRequest request, StreamObserver<PubSubProto.ResumeResponse> observer) {
			answer(request, observer, PubSubProto.ResumeResponse.getDefaultInstance());
		}

		@Override
		public void ping(CommonProto.PingRequest request, StreamObserver<CommonProto.PingResponse> observer) {
			answer(request, observer, CommonProto.PingResponse.getDefaultInstance());
		}

	}

}
