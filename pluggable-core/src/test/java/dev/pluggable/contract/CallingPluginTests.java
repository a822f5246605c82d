package dev.pluggable.contract;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.CompletableFuture;

import dev.pluggable.fixtures.contract.v1.WorkerKind;
import dev.pluggable.plugin.PluginBroker;
import dev.pluggable.plugin.PluginException;
import io.grpc.Attributes;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link CallingPlugin}.
 */
class CallingPluginTests {

	private final String name = InProcessServerBuilder.generateName();

	private final Server server = InProcessServerBuilder.forName(this.name).build();

	private final ManagedChannel connection = InProcessChannelBuilder.forName(this.name).build();

	@BeforeEach
	void start() throws IOException {
		this.server.start();
	}

	@AfterEach
	void close() {
		this.connection.shutdownNow();
		this.server.shutdownNow();
	}

	/**
	 * A broker of which only the id 1 was announced.
	 */
	private Object call(Object broker, Method method, Object[] arguments) {
		assertThat(method.getName()).isEqualTo("dial");
		return arguments[1].equals(1) ? CompletableFuture.completedFuture(this.connection)
				: CompletableFuture.failedFuture(new PluginException("nobody has announced it"));
	}

	@Test
	void whenOneOfTheObjectsCannotBeReachedThenTheOthersAreClosed() {
		PluginBroker broker = (PluginBroker) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { PluginBroker.class }, this::call);
		CallingPlugin plugin = new CallingPlugin(Attributes.newBuilder().set(PluginBroker.KEY, broker).build());
		assertThat(plugin.object("first", 1, WorkerKind.INSTANCE)).isNotNull();
		assertThat(this.connection.isShutdown()).isFalse();
		assertThatExceptionOfType(PluginException.class)
			.isThrownBy(() -> plugin.object("second", 2, WorkerKind.INSTANCE))
			.withMessage("nobody has announced it");
		assertThat(this.connection.isShutdown()).isTrue();
	}

}
