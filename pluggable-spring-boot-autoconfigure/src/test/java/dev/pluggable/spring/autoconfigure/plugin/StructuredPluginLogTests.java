package dev.pluggable.spring.autoconfigure.plugin;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.host.HostSettings;
import dev.pluggable.plugin.PluginSettings;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.logging.logback.StructuredLogEncoder;
import org.springframework.core.env.Environment;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the output of plugins in the structured log formats of Spring Boot.
 */
class StructuredPluginLogTests {

	private final Logger logger = (Logger) LoggerFactory.getLogger("pluggable.plugin.talker");

	private final ListAppender<ILoggingEvent> events = new ListAppender<>();

	@TempDir
	private Path folder;

	@BeforeEach
	void listen() {
		this.logger.setLevel(Level.TRACE);
		this.logger.setAdditive(false);
		this.events.start();
		this.logger.addAppender(this.events);
	}

	@AfterEach
	void unlisten() {
		this.logger.detachAppender(this.events);
		this.logger.setAdditive(true);
		this.logger.setLevel(null);
	}

	@ParameterizedTest
	@ValueSource(strings = { "logstash", "ecs", "gelf" })
	void whenAPluginLogsNamesOfTheFormatThenEachLineIsReadable(String format) throws Exception {
		Path script = Files.writeString(this.folder.resolve("plugin.sh"),
				"""
						cat >&2 <<'END'
						{"level":"fatal","ts":1700000000.5,"msg":"out of ideas","error":"none"}
						{"@level":"info","@message":"colliding","level":1,"message":2,"@version":3,"@timestamp":4,"log.level":5,\
						"process.pid":6,"service":7,"ecs":8,"logger_name":9,"level_name":10,"a":11,"a.b":12}
						[INFO] the last line
						END
						exec sleep 1000
						""");
		HostSettings settings = HostSettings.defaults()
			.withSocketFolders(Set.of(this.folder))
			.withPlugins(List.of(PluginSettings.of("talker", List.of("sh", script.toString()))));
		try (ComponentHost host = new ComponentHost(settings)) {
			host.start();
			Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> this.events.list.size() == 3);
		}
		StructuredLogEncoder encoder = new StructuredLogEncoder();
		LoggerContext context = new LoggerContext();
		context.putObject(Environment.class.getName(),
				new MockEnvironment().withProperty("spring.application.name", "sample"));
		encoder.setContext(context);
		encoder.setFormat(format);
		encoder.start();
		List<JsonNode> lines = this.events.list.stream()
			.map((event) -> new String(encoder.encode(event), StandardCharsets.UTF_8))
			.map(JsonMapper.shared()::readTree)
			.toList();
		assertThat(lines).extracting(JsonNode::toString)
			.satisfiesExactly((line) -> assertThat(line).contains("out of ideas", "plugin_level\":\"fatal"),
					(line) -> assertThat(line).contains("colliding", "plugin_message\":2", "plugin_service\":7",
							"plugin_level_name\":10"),
					(line) -> assertThat(line).contains("the last line"));
	}

}
