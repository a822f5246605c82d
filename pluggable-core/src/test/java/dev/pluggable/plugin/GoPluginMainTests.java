package dev.pluggable.plugin;

import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import dev.pluggable.proto.components.v1.StateProto;
import dev.pluggable.proto.components.v1.StateStoreGrpc;
import dev.pluggable.proto.goplugin.GRPCControllerGrpc;
import dev.pluggable.proto.goplugin.GRPCStdioGrpc;
import dev.pluggable.proto.goplugin.GoPluginProto;
import dev.pluggable.reflection.ServiceReflection;
import dev.pluggable.transport.PeerPolicy;
import dev.pluggable.transport.Transport;
import dev.pluggable.transport.TransportType;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link GoPluginMain}, on which those of others rely.
 */
@Timeout(240)
class GoPluginMainTests {

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final RunDirectories directories;

	private final PluginLauncher launcher;

	private final Path folder;

	private PluginLaunch launch;

	private ManagedChannel channel;

	GoPluginMainTests(@TempDir Path folder) {
		this.folder = folder;
		this.directories = new RunDirectories(folder);
		this.launcher = new PluginLauncher(this.directories, this.transport);
	}

	@AfterEach
	void close() {
		if (this.channel != null) {
			this.channel.shutdownNow();
		}
		this.launcher.close();
		this.directories.close();
		this.transport.close();
	}

	@Test
	void whenWellBehavedThenServesPrintsAndEndsInOrder() throws Exception {
		launch();
		assertThat(health()).isEqualTo(ServingStatus.SERVING);
		assertThat(ServiceReflection.listServices(this.channel).toCompletableFuture().get(30, TimeUnit.SECONDS))
			.contains(StateStoreGrpc.SERVICE_NAME);
		Iterator<GoPluginProto.StdioData> stdio = GRPCStdioGrpc.newBlockingStub(this.channel)
			.withDeadlineAfter(60, TimeUnit.SECONDS)
			.streamStdio(Empty.getDefaultInstance());
		control("stdout hello");
		GoPluginProto.StdioData data = stdio.next();
		assertThat(data.getChannel()).isEqualTo(GoPluginProto.StdioData.Channel.STDOUT);
		assertThat(data.getData().toStringUtf8()).startsWith("hello");
		control("not-serving");
		assertThat(health()).isEqualTo(ServingStatus.NOT_SERVING);
		Path socket = ((UnixDomainSocketAddress) this.launch.address()).getPath();
		shutdown();
		assertThat(exitCode()).isZero();
		assertThat(socket).doesNotExist();
	}

	@Test
	void whenIgnoringShutdownThenLivesUntilKilled() throws Exception {
		launch("ignore-shutdown", "grandchild", "flood=20000", "not-serving", "no-reflection");
		Path grandchild = ((UnixDomainSocketAddress) this.launch.address()).getPath()
			.getParent()
			.resolveSibling("grandchild");
		long pid = Long.parseLong(Files.readString(grandchild));
		assertThat(ProcessHandle.of(pid)).isPresent();
		shutdown();
		assertThat(health()).isEqualTo(ServingStatus.NOT_SERVING);
		assertThat(ServiceReflection.listServices(this.channel).toCompletableFuture())
			.failsWithin(Duration.ofSeconds(60));
		this.launch.process().kill().toCompletableFuture().get(60, TimeUnit.SECONDS);
		assertThat(exitCode()).isEqualTo(137);
		assertThat(MarkedProcesses.find((marker) -> marker.startsWith(this.folder.toString()))).isEmpty();
	}

	@Test
	void whenToldToExitThenDoesSoAfterTheFirstAnswer() throws Exception {
		launch("exit=7");
		assertThat(health()).isEqualTo(ServingStatus.SERVING);
		assertThat(exitCode()).isEqualTo(7);
	}

	@Test
	void whenCertificatesAreWantedThenSpeaksToTheHostOnly() throws Exception {
		PluginCertificate certificate = PluginCertificate.create();
		this.launch = this.launcher.launch(GoPluginMain.settings("java").withAutoMtls(true), (in) -> {
		}, certificate.pem()).get(120, TimeUnit.SECONDS);
		assertThat(this.launch.certificate()).isNotNull();
		this.channel = connect(certificate.client(this.launch.certificate()));
		assertThat(health()).isEqualTo(ServingStatus.SERVING);
		this.channel.shutdownNow();
		this.channel = connect(PluginCertificate.create().client(this.launch.certificate()));
		assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(this::health)
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
	}

	@Test
	void whenToldToHangThenDoesNotAnswer() throws Exception {
		launch("hang-after=1");
		assertThat(health()).isEqualTo(ServingStatus.SERVING);
		assertThatExceptionOfType(StatusRuntimeException.class)
			.isThrownBy(() -> HealthGrpc.newBlockingStub(this.channel)
				.withDeadlineAfter(200, TimeUnit.MILLISECONDS)
				.check(HealthCheckRequest.getDefaultInstance()))
			.satisfies((ex) -> assertThat(ex.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
	}

	private void launch(String... arguments) throws Exception {
		this.launch = this.launcher.launch(GoPluginMain.settings("java", arguments), (in) -> {
		}, null).get(120, TimeUnit.SECONDS);
		this.channel = connect(null);
	}

	private ManagedChannel connect(@Nullable SslContext tls) {
		return this.transport.connect(this.launch.address(), tls, PeerPolicy.allowing(Set.of()),
				new PluginEnd.NoListener(), (builder) -> {
				});
	}

	private ServingStatus health() {
		return HealthGrpc.newBlockingStub(this.channel)
			.withDeadlineAfter(60, TimeUnit.SECONDS)
			.check(HealthCheckRequest.newBuilder().setService("plugin").build())
			.getStatus();
	}

	private void control(String command) {
		StateStoreGrpc.newBlockingStub(this.channel)
			.withDeadlineAfter(60, TimeUnit.SECONDS)
			.set(StateProto.SetRequest.newBuilder()
				.setKey(GoPluginMain.CONTROL)
				.setValue(ByteString.copyFromUtf8(command))
				.build());
	}

	private void shutdown() {
		try {
			GRPCControllerGrpc.newBlockingStub(this.channel)
				.withDeadlineAfter(60, TimeUnit.SECONDS)
				.shutdown(GoPluginProto.Empty.getDefaultInstance());
		}
		catch (StatusRuntimeException ex) {
			// It may end before it answers.
			assertThat(ex.getStatus().getCode()).isIn(Status.Code.UNAVAILABLE, Status.Code.CANCELLED);
		}
	}

	private int exitCode() throws Exception {
		return this.launch.process().exited().toCompletableFuture().get(60, TimeUnit.SECONDS);
	}

}
