package example;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class ApplicationTests {

	@Test
	void anApplicationUsesWhatAnotherServes(@TempDir Path folder) {
		try (ConfigurableApplicationContext component = run(ComponentApplication.class,
				"--pluggable.server.folder=" + folder);
				ConfigurableApplicationContext application = run(Application.class,
						"--pluggable.socket-folders=" + folder, "--pluggable.components.orders.type=state.mine",
						"--pluggable.components.orders.wait-for-ready=30s")) {
			assertThat(folder.resolve("mine.sock")).exists();
			Application.Orders orders = application.getBean(Application.Orders.class);
			orders.store().set("key", new byte[] { 1, 2, 3 });
			assertThat(orders.store().get("key").orElseThrow().value()).containsExactly(1, 2, 3);
		}
	}

	private static ConfigurableApplicationContext run(Class<?> type, String... arguments) {
		return new SpringApplicationBuilder(type).web(WebApplicationType.NONE).run(arguments);
	}

}
