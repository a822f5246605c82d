package dev.pluggable.internal.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;

import dev.pluggable.internal.transport.Transport;
import dev.pluggable.plugin.PluginException;
import dev.pluggable.transport.TransportType;
import io.grpc.Attributes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ServerPool}.
 */
class ServerPoolTests {

	@TempDir
	Path folder;

	private final Transport transport = Transport.create(TransportType.AUTO);

	private final Queue<Runnable> background = new ArrayDeque<>();

	private boolean fails;

	private int opened;

	private final ServerPool pool = new ServerPool(this::open, this.background::add);

	@AfterEach
	void close() {
		this.pool.close();
		this.transport.close();
	}

	private ListeningServer open() {
		if (this.fails) {
			throw new PluginException("no space");
		}
		int number = ++this.opened;
		Path socket = this.folder.resolve("b" + number);
		try {
			return new ListeningServer(Attributes.EMPTY, number, socket, this.transport.connectionServer(socket),
					Runnable::run);
		}
		catch (IOException ex) {
			throw new PluginException("cannot listen", ex);
		}
	}

	private void runBackground() {
		for (Runnable task = this.background.poll(); task != null; task = this.background.poll()) {
			task.run();
		}
	}

	private List<String> sockets() throws IOException {
		try (Stream<Path> sockets = Files.list(this.folder)) {
			return sockets.map(Path::getFileName).map(Path::toString).sorted().toList();
		}
	}

	@Test
	void whenNothingIsTakenThenNoServerIsOpened() throws IOException {
		runBackground();
		assertThat(sockets()).isEmpty();
	}

	@Test
	void whenOneIsTakenThenTheNextAreOpenedInTheBackground() throws IOException {
		ListeningServer first = this.pool.take();
		assertThat(first.number()).isEqualTo(1);
		assertThat(sockets()).containsExactly("b1");
		runBackground();
		assertThat(sockets()).containsExactly("b1", "b2", "b3");
		assertThat(this.pool.take().number()).isEqualTo(2);
		assertThat(this.opened).isEqualTo(3);
		runBackground();
		assertThat(this.opened).isEqualTo(4);
	}

	@Test
	void whenNoneIsReadyThenTheCallerOpensOne() {
		this.pool.take();
		assertThat(this.pool.take().number()).isEqualTo(2);
		assertThat(this.background).hasSize(ServerPool.READY);
	}

	@Test
	void whenOpeningInTheBackgroundFailsThenTheNextCallerTriesAndIsTold() {
		this.pool.take();
		this.fails = true;
		runBackground();
		assertThatExceptionOfType(PluginException.class).isThrownBy(this.pool::take).withMessage("no space");
		this.fails = false;
		assertThat(this.pool.take().number()).isEqualTo(2);
	}

	@Test
	void whenThePoolIsClosedThenItsServersEndAndNoMoreIsOpened() throws IOException {
		ListeningServer taken = this.pool.take();
		this.background.remove().run();
		this.pool.close();
		this.pool.close();
		runBackground();
		assertThat(sockets()).containsExactly("b1");
		taken.close();
		this.pool.take().close();
		assertThat(this.background).isEmpty();
		assertThat(sockets()).isEmpty();
	}

	@Test
	void whenTheExecutorHasEndedThenTheCallerStillGetsItsServer() {
		ServerPool rejected = new ServerPool(this::open, (task) -> {
			throw new RejectedExecutionException();
		});
		rejected.take().close();
		rejected.take().close();
		rejected.close();
	}

}
