package dev.pluggable.internal.reflection;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import io.grpc.BindableService;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.reflection.v1.ListServiceResponse;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ServiceReflection}.
 */
class ServiceReflectionTests {

	private static final String V1 = "grpc.reflection.v1.ServerReflection";

	private static final String V1_ALPHA = "grpc.reflection.v1alpha.ServerReflection";

	private final ServiceReflection reflection = new ServiceReflection();

	private final List<String> asked = new CopyOnWriteArrayList<>();

	private Server server;

	private ManagedChannel channel;

	@AfterEach
	void close() throws InterruptedException {
		this.channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
		this.server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
	}

	@Test
	void whenV1IsServedThenItIsAsked() throws Exception {
		start(ProtoReflectionServiceV1.newInstance());
		assertThat(this.reflection.listServices(this.channel).toCompletableFuture().get(10, TimeUnit.SECONDS))
			.containsExactly("grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection");
	}

	@Test
	@SuppressWarnings("deprecation")
	void whenOnlyV1AlphaIsServedThenItIsAskedNext() throws Exception {
		start(ProtoReflectionService.newInstance());
		assertThat(this.reflection.listServices(this.channel).toCompletableFuture().get(10, TimeUnit.SECONDS))
			.containsExactly("grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection");
	}

	@Test
	@SuppressWarnings("deprecation")
	void whenTheLastServerOfferedV1AlphaThenTheNextOneIsAskedOnce() throws Exception {
		start(ProtoReflectionService.newInstance());
		this.reflection.listServices(this.channel).toCompletableFuture().get(10, TimeUnit.SECONDS);
		assertThat(this.asked).containsExactly(V1, V1_ALPHA);
		this.reflection.listServices(this.channel).toCompletableFuture().get(10, TimeUnit.SECONDS);
		assertThat(this.asked).containsExactly(V1, V1_ALPHA, V1_ALPHA);
		close();
		start(ProtoReflectionServiceV1.newInstance());
		this.reflection.listServices(this.channel).toCompletableFuture().get(10, TimeUnit.SECONDS);
		this.reflection.listServices(this.channel).toCompletableFuture().get(10, TimeUnit.SECONDS);
		assertThat(this.asked).containsExactly(V1, V1_ALPHA, V1_ALPHA, V1_ALPHA, V1, V1);
	}

	@Test
	void whenNeitherIsServedThenItIsUnimplemented() {
		start();
		assertThat(this.reflection.listServices(this.channel).toCompletableFuture()).failsWithin(10, TimeUnit.SECONDS)
			.withThrowableThat()
			.havingRootCause()
			.isInstanceOfSatisfying(StatusRuntimeException.class,
					(ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
	}

	@Test
	void whenNamesAreNoNamesThenTheyAreLeftOut() throws Exception {
		start(new ServerReflectionGrpc.ServerReflectionImplBase() {

			@Override
			public StreamObserver<ServerReflectionRequest> serverReflectionInfo(
					StreamObserver<ServerReflectionResponse> answers) {
				ListServiceResponse.Builder services = ListServiceResponse.newBuilder()
					.addService(ServiceResponse.newBuilder().setName("good.Service"))
					.addService(ServiceResponse.newBuilder().setName("forged\nline"))
					.addService(ServiceResponse.newBuilder().setName("x".repeat(201)));
				for (int i = 0; i < 5000; i++) {
					services.addService(ServiceResponse.newBuilder().setName("many.Service" + i));
				}
				answers.onNext(ServerReflectionResponse.newBuilder().setListServicesResponse(services).build());
				answers.onCompleted();
				return new StreamObserver<>() {

					@Override
					public void onNext(ServerReflectionRequest request) {
						// The server has answered before the request.
					}

					@Override
					public void onError(Throwable failure) {
						// The client may cancel after the answer.
					}

					@Override
					public void onCompleted() {
						// The server has ended the stream before.
					}

				};
			}

		});
		assertThat(this.reflection.listServices(this.channel).toCompletableFuture().get(10, TimeUnit.SECONDS))
			.contains("good.Service")
			.allMatch((name) -> name.matches("[\\w.]{1,200}"))
			.hasSize(5001);
	}

	private void start(BindableService... services) {
		try {
			InProcessServerBuilder builder = InProcessServerBuilder.forName("reflection")
				.addService(new HealthStatusManager().getHealthService());
			for (BindableService service : services) {
				builder.addService(service);
			}
			this.server = builder.build().start();
			this.channel = InProcessChannelBuilder.forName("reflection").intercept(new ClientInterceptor() {

				@Override
				public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options,
						Channel next) {
					ServiceReflectionTests.this.asked.add(method.getServiceName());
					return next.newCall(method, options);
				}

			}).build();
		}
		catch (java.io.IOException ex) {
			throw new java.io.UncheckedIOException(ex);
		}
	}

}
