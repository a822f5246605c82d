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
 * The sockets on which the application serves beans to other processes. The sockets open
 * after everything else has started, and close before anything else stops. They keep the
 * application running. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ComponentServers implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(ComponentServers.class);

	/**
	 * Time that a server needs to end after its shutdown timeout.
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
	 * Prepare the sockets.
	 * @param beans where the beans are
	 * @param served finds the beans to serve
	 * @param builders begins a server for the name of a socket
	 * @param autoStartup whether to serve as soon as the application has started
	 * @param shutdownTimeout how long calls may take to end
	 * @param customizers change each server, in this order
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
	 * The sockets that are served at this moment.
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
	 * Last, and so the first to stop: nobody calls before the application is ready, or
	 * while what it needs is being closed.
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
	 * The threads of a server are daemons, and an application without a web server has no
	 * other ones.
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
	 * Stop serving, on all sockets at once: calls under way get the shutdown timeout to
	 * end. Does nothing unless running.
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
			logger.warn("Closing a socket failed", ex.getCause());
		}
		catch (TimeoutException ex) {
			logger.warn(LogMessage.format("Instances on the sockets %s are still being closed",
					sockets.stream().map(ServedSocket::name).toList()));
		}
	}

	@Override
	public boolean isRunning() {
		return !this.sockets.isEmpty();
	}

	/**
	 * A socket with what is served on it.
	 *
	 * @param name its name, without {@code .sock}
	 * @param beans names of the beans by the names of the kinds that they are served as
	 * @param server the server, which is not to be closed by others
	 */
	public record ServedSocket(String name, Map<String, String> beans, ComponentServer server) {
	}

}
