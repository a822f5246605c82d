package dev.pluggable.spring.server;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import dev.pluggable.server.ComponentServer;
import dev.pluggable.server.ComponentServerCustomizer;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.core.log.LogMessage;

/**
 * Serves beans of the application to other processes on Unix domain sockets. The sockets
 * open after all other lifecycle beans have started, and close before the other lifecycle
 * beans stop. Open sockets keep the application running. This class is safe for use by
 * multiple threads.
 *
 * @since 0.1.0
 */
public final class ComponentServers implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(ComponentServers.class);

	/**
	 * Time that a server needs to close after its shutdown timeout, in seconds.
	 */
	private static final long CLOSE_SECONDS = 10;

	private final BeanFactory beans;

	private final ServedBeans served;

	private final Function<String, ComponentServer.Builder> builders;

	private final boolean autoStartup;

	private final Duration shutdownTimeout;

	private final List<ComponentServerCustomizer> customizers;

	private volatile List<ServedSocket> sockets = List.of();

	private @Nullable CountDownLatch stopped;

	/**
	 * Create servers without starting them.
	 * @param beans the bean factory that contains the beans
	 * @param served finds the beans to serve
	 * @param builders creates a server builder for the name of a socket
	 * @param autoStartup whether to serve components as soon as the application has
	 * started
	 * @param shutdownTimeout time to wait for running calls when the servers stop
	 * @param customizers customizers of each server, in order
	 */
	public ComponentServers(BeanFactory beans, ServedBeans served, Function<String, ComponentServer.Builder> builders,
			boolean autoStartup, Duration shutdownTimeout, List<ComponentServerCustomizer> customizers) {
		this.beans = beans;
		this.served = served;
		this.builders = builders;
		this.autoStartup = autoStartup;
		this.shutdownTimeout = shutdownTimeout;
		this.customizers = customizers;
	}

	/**
	 * Return the sockets that are open at the moment.
	 * @return the sockets, ordered by name; empty unless running
	 */
	public List<ServedSocket> sockets() {
		return this.sockets;
	}

	@Override
	public boolean isAutoStartup() {
		return this.autoStartup;
	}

	/**
	 * Return the last phase. Servers start last and stop first, so other processes cannot
	 * call beans before the application is ready or while the application closes.
	 */
	@Override
	public int getPhase() {
		return Integer.MAX_VALUE;
	}

	@Override
	public synchronized void start() {
		if (isRunning()) {
			return;
		}
		List<ServedSocket> started = new ArrayList<>();
		try {
			this.served.find().forEach((name, beans) -> started.add(start(name, beans)));
		}
		catch (RuntimeException | Error ex) {
			close(started);
			throw ex;
		}
		this.sockets = List.copyOf(started);
		this.stopped = keepAlive();
	}

	private ServedSocket start(String name, List<ServedBean<?>> served) {
		ComponentServer.Builder builder = this.builders.apply(name);
		Map<String, String> beanNames = new LinkedHashMap<>();
		for (ServedBean<?> bean : served) {
			bean.addTo(builder, this.beans);
			beanNames.put(bean.kind().name(), bean.bean());
		}
		this.customizers.forEach((customizer) -> customizer.customize(name, builder));
		return new ServedSocket(name, Collections.unmodifiableMap(beanNames), builder.start());
	}

	/**
	 * Start a thread that keeps the application running. All threads of a server are
	 * daemon threads, and an application without a web server has no other threads.
	 */
	private static CountDownLatch keepAlive() {
		CountDownLatch stopped = new CountDownLatch(1);
		Thread thread = new Thread(() -> {
			try {
				stopped.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}, "pluggable-server-await");
		thread.setDaemon(false);
		thread.start();
		return stopped;
	}

	/**
	 * Stop all servers in parallel. Running calls may end within the shutdown timeout.
	 * This method does nothing if the servers are not running.
	 */
	@Override
	public synchronized void stop() {
		close(this.sockets);
		this.sockets = List.of();
		if (this.stopped != null) {
			this.stopped.countDown();
			this.stopped = null;
		}
	}

	private void close(List<ServedSocket> sockets) {
		CompletableFuture<?>[] closings = sockets.stream()
			.map((socket) -> CompletableFuture.runAsync(socket.server()::close,
					(task) -> new Thread(task, "pluggable-server-stop-" + socket.name()).start()))
			.toArray(CompletableFuture<?>[]::new);
		try {
			CompletableFuture.allOf(closings)
				.get(this.shutdownTimeout.plusSeconds(CLOSE_SECONDS).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException ex) {
			logger.warn("Failed to close a server socket", ex.getCause());
		}
		catch (TimeoutException ex) {
			logger.warn(LogMessage.format("Servers on the sockets %s are still closing component instances",
					sockets.stream().map(ServedSocket::name).toList()));
		}
	}

	@Override
	public boolean isRunning() {
		return !this.sockets.isEmpty();
	}

	/**
	 * An open socket and its components.
	 *
	 * @param name name of the socket, without {@code .sock}
	 * @param beans names of the served beans, by the name of the kind
	 * @param server the server, which callers must not close
	 */
	public record ServedSocket(String name, Map<String, String> beans, ComponentServer server) {
	}

}
