package dev.pluggable.internal.supervisor;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.pluggable.fixtures.RecordedLog;
import dev.pluggable.internal.support.SecretMask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Tests for {@link PluginLog} and {@link PluginLine}.
 */
class PluginLogTests {

	private static final String SECRET = "s3cr\"et/\\<key>";

	private final Logger logger = (Logger) LoggerFactory.getLogger("pluggable.plugin.relayer");

	private final RecordedLog events = new RecordedLog();

	private final AtomicLong nanos = new AtomicLong();

	private final List<Runnable> later = new ArrayList<>();

	private final SecretMask secrets = new SecretMask(Map.of("password", SECRET, "token", "1234567"));

	private PluginLog log = log(org.slf4j.event.Level.TRACE);

	@BeforeEach
	void listen() {
		this.logger.setLevel(Level.TRACE);
		this.logger.setAdditive(false);
		this.logger.addAppender(this.events);
	}

	@AfterEach
	void unlisten() {
		this.logger.detachAndStopAllAppenders();
		this.logger.setAdditive(true);
		this.logger.setLevel(null);
	}

	@ParameterizedTest
	@MethodSource
	void whenAPluginWritesALineThenItBecomesAnEvent(String line, String event) {
		read(line + "\n");
		assertThat(described()).containsExactly(event);
	}

	static Stream<Arguments> whenAPluginWritesALineThenItBecomesAnEvent() {
		return Stream.of(
				// hclog
				arguments("""
						{"@level":"debug","@message":"plugin address","@timestamp":"2026-08-01T10:20:30.123456+02:00",\
						"address":"/tmp/p1","network":"unix"}""",
						"DEBUG plugin address {timestamp=2026-08-01T08:20:30.123456Z, address=/tmp/p1, network=unix}"),
				arguments("{\"@level\":\"trace\",\"@message\":\"m\"}", "TRACE m {}"),
				arguments("{\"@level\":\"info\",\"@message\":\"m\"}", "INFO m {}"),
				arguments("{\"@level\":\"warn\",\"@message\":\"m\"}", "WARN m {}"),
				arguments("{\"@level\":\"error\",\"@message\":\"m\"}", "ERROR m {}"),
				arguments("{\"@level\":\" ERROR \",\"@message\":\"m\"}", "ERROR m {}"),
				arguments("{\"@level\":\"warning\",\"@message\":\"m\"}", "WARN m {}"),
				arguments("  {\"@level\":\"info\",\"@message\":\"m\"}  \r", "INFO m {}"),
				arguments("{\"@level\":\"info\",\"@message\":\"m\",\"@module\":\"a.b\",\"@caller\":\"x.go:1\"}",
						"INFO m {@module=a.b, @caller=x.go:1}"),
				arguments("{\"@level\":\"info\",\"@message\":\"m {} %s\"}", "INFO m {} %s {}"),
				arguments("{\"@level\":\"info\",\"@message\":\"\"}", "INFO  {}"),
				// LOOP's zap in the form of hclog
				arguments("{\"@level\":\"fatal\",\"@message\":\"m\",\"logger\":\"Median\"}",
						"ERROR m {plugin_level=fatal, logger=Median}"),
				arguments("{\"@level\":\"critical\",\"@message\":\"m\"}", "ERROR m {plugin_level=critical}"),
				arguments("{\"@level\":\"dpanic\",\"@message\":\"m\"}", "ERROR m {plugin_level=dpanic}"),
				arguments("{\"@level\":\"panic\",\"@message\":\"m\"}", "ERROR m {plugin_level=panic}"),
				// zap, slog, zerolog
				arguments("""
						{"level":"info","ts":1700000000.25,"caller":"a/b.go:7","msg":"hello","n":1}""",
						"INFO hello {timestamp=2023-11-14T22:13:20.250Z, caller=a/b.go:7, n=1}"),
				arguments("{\"level\":\"fatal\",\"ts\":\"2026-08-01T10:20:30Z\",\"msg\":\"m\"}",
						"ERROR m {plugin_level=fatal, timestamp=2026-08-01T10:20:30Z}"),
				arguments("{\"time\":\"2026-08-01T10:20:30.5Z\",\"level\":\"WARN\",\"msg\":\"m\"}",
						"WARN m {timestamp=2026-08-01T10:20:30.500Z}"),
				arguments("{\"level\":\"debug\",\"message\":\"m\",\"time\":1700000000}",
						"DEBUG m {timestamp=2023-11-14T22:13:20Z}"),
				// values
				arguments("""
						{"@level":"info","@message":"m","o":{"a":[1,"x",null,{"b":true}]},"l":[],"t":true,"z":null,\
						"f":1.5,"big":987654321098765432109876543210}""",
						"INFO m {o={\"a\":[1,\"x\",null,{\"b\":true}]}, l=[], t=true, z=null, f=1.5, "
								+ "big=987654321098765432109876543210}"),
				// names of the log formats, and names that exclude each other
				arguments("""
						{"@level":"fatal","@message":"m","@timestamp":"2026-08-01T10:20:30Z","level":1,"message":2,\
						"@version":3,"plugin_level":4,"log.level":5,"timestamp":6,"a.b":7,"a":8,"c":9,"c.d":10}""",
						"ERROR m {plugin_level=fatal, timestamp=2026-08-01T10:20:30Z, plugin_level_=1, "
								+ "plugin_message=2, plugin_@version=3, plugin_level__=4, plugin_log_level=5, "
								+ "plugin_timestamp=6, a.b=7, plugin_a=8, c=9, plugin_c_d=10}"),
				// JSON that is not a log
				arguments("{\"@level\":\"off\",\"@message\":\"m\"}",
						"DEBUG {\"@level\":\"off\",\"@message\":\"m\"} {}"),
				arguments("{\"@level\":\"loud\",\"@message\":\"m\"}",
						"DEBUG {\"@level\":\"loud\",\"@message\":\"m\"} {}"),
				arguments("{\"@message\":\"m\"}", "DEBUG {\"@message\":\"m\"} {}"),
				arguments("{ \"a\": 1.0 }", "DEBUG { \"a\": 1.0 } {}"), arguments("{}", "DEBUG {} {}"),
				arguments("{\"level\":\"info\"}", "DEBUG {\"level\":\"info\"} {}"),
				arguments("{\"level\":3,\"msg\":\"m\"}", "DEBUG {\"level\":3,\"msg\":\"m\"} {}"),
				arguments("[1,2]", "DEBUG [1,2] {}"), arguments("42", "DEBUG 42 {}"),
				arguments("\"x\"", "DEBUG \"x\" {}"), arguments("null", "DEBUG null {}"),
				arguments("{\"@level\":\"info\",\"@message\":", "DEBUG {\"@level\":\"info\",\"@message\": {}"),
				arguments("{\"@level\":\"info\"} {\"a\":1}", "DEBUG {\"@level\":\"info\"} {\"a\":1} {}"),
				// wrong types
				arguments("{\"@level\":5,\"@message\":\"m\"}", "DEBUG {\"@level\":5,\"@message\":\"m\"} {}"),
				arguments("{\"@level\":\"info\",\"@message\":[1]}", "INFO [1] {}"),
				arguments("{\"@level\":\"info\",\"@message\":null}", "INFO null {}"),
				arguments("{\"@level\":\"info\",\"a\":1}", "INFO  {a=1}"),
				arguments("{\"@level\":\"info\",\"@message\":\"m\",\"@timestamp\":\"yesterday\"}",
						"INFO m {timestamp=yesterday}"),
				arguments("{\"@level\":\"info\",\"@message\":\"m\",\"@timestamp\":{\"a\":1}}",
						"INFO m {timestamp={\"a\":1}}"),
				arguments("{\"level\":\"info\",\"msg\":\"m\",\"ts\":1e300}", "INFO m {timestamp=1.0E300}"),
				arguments("{\"level\":\"info\",\"msg\":\"m\",\"ts\":-1}", "INFO m {timestamp=-1}"),
				arguments("{\"level\":\"info\",\"msg\":\"m\",\"ts\":1700000000123}",
						"INFO m {timestamp=1700000000123}"),
				arguments("{\"level\":\"info\",\"msg\":\"m\",\"n\":1e999999999}", "INFO m {n=Infinity}"),
				// prefixes
				arguments("[TRACE] x", "TRACE [TRACE] x {}"), arguments("[DEBUG] x", "DEBUG [DEBUG] x {}"),
				arguments("[INFO] x", "INFO [INFO] x {}"), arguments("[WARN]x", "WARN [WARN]x {}"),
				arguments("[ERROR] x", "ERROR [ERROR] x {}"), arguments("[FATAL] x", "DEBUG [FATAL] x {}"),
				arguments("[error] x", "DEBUG [error] x {}"), arguments("x [ERROR]", "DEBUG x [ERROR] {}"),
				arguments("\u001B[31m[ERROR]\u001B[0m x", "ERROR [ERROR] x {}"),
				// text
				arguments("hello {} \\n %d", "DEBUG hello {} \\n %d {}"),
				arguments("a\tb\u0000c\u0007\u202Ed\u2028e\r", "DEBUG a b c d e {}"),
				arguments("{\"@level\":\"info\",\"@message\":\"a\\nb\\u001b[31mc\",\"k\\ny\":\"\\ud800\"}",
						"INFO a bc {k y= }"));
	}

	@Test
	void whenLinesAreEmptyThenTheyAreNoEvents() {
		read("\n\r\n   \n");
		assertThat(described()).isEmpty();
		assertThat(this.log.tail()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "panic: boom", "fatal error: all goroutines are asleep - deadlock!",
			"Traceback (most recent call last):" })
	void whenAPluginCrashesThenLinesWithoutLevelAreErrorsFromThenOn(String first) {
		read("""
				before
				%s
				goroutine 1 [running]:
				[INFO] tagged
				{"@level":"debug","@message":"m"}
				{"json":"of no level"}
				exit status 2
				""".formatted(first));
		assertThat(described()).containsExactly("DEBUG before {}", "ERROR " + first + " {}",
				"ERROR goroutine 1 [running]: {}", "INFO [INFO] tagged {}", "DEBUG m {}",
				"ERROR {\"json\":\"of no level\"} {}", "ERROR exit status 2 {}");
		PluginLog next = log(org.slf4j.event.Level.TRACE);
		next.error("after", false);
		assertThat(described()).last().isEqualTo("DEBUG after {}");
	}

	@ParameterizedTest
	@ValueSource(strings = { "do not panic: boom", " panic: boom", "panic!", "panic:boom" })
	void whenALineOnlyLooksLikeACrashThenItIsText(String line) {
		read(line + "\nnext\n");
		assertThat(described()).containsExactly("DEBUG " + line + " {}", "DEBUG next {}");
	}

	@Test
	void whenALineIsBelowTheThresholdThenItIsInTheTailOnly() {
		this.log = log(org.slf4j.event.Level.WARN);
		read("[INFO] quiet\n[WARN] loud\ntext\n{\"@level\":\"error\",\"@message\":\"m\"}\n");
		assertThat(described()).containsExactly("WARN [WARN] loud {}", "ERROR m {}");
		assertThat(this.log.tail()).containsExactly("[INFO] quiet", "[WARN] loud", "text", "m");
	}

	@Test
	void whenALineIsTooLongThenItIsCutAndSaysSo() {
		String json = "{\"@level\":\"info\",\"@message\":\"" + "x".repeat(LineSplitter.MAX_BYTES) + "\"}";
		read(json + "\nnext\n");
		assertThat(this.events.events()).hasSize(2);
		assertThat(this.events.events().get(0).getLevel()).isEqualTo(Level.DEBUG);
		assertThat(this.events.events().get(0).getFormattedMessage()).startsWith(json.substring(0, 100))
			.endsWith("xxx... (cut: the line is longer than 64 KiB)")
			.hasSizeLessThan(LineSplitter.MAX_BYTES + 100);
		assertThat(described()).last().isEqualTo("DEBUG next {}");
	}

	@ParameterizedTest
	@ValueSource(ints = { 100, 20_000 })
	void whenJsonIsTooDeepThenItIsText(int depth) {
		String line = "{\"@level\":\"info\",\"@message\":\"m\",\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
		read(line + "\n");
		assertThat(described()).containsExactly("DEBUG " + line + " {}");
	}

	@Test
	void whenJsonHasTooManyValuesThenThoseBeyondAreCounted() {
		String values = IntStream.range(0, 100).mapToObj((i) -> ",\"k" + i + "\":" + i).collect(Collectors.joining());
		read("{\"@level\":\"info\",\"@message\":\"m\",\"" + "k".repeat(500) + "\":1" + values + "}\n");
		ILoggingEvent event = this.events.events().get(0);
		assertThat(event.getKeyValuePairs()).hasSize(PluginLine.MAX_VALUES + 1);
		assertThat(event.getKeyValuePairs().get(0).key).isEqualTo("k".repeat(PluginLine.MAX_KEY_LENGTH) + "...");
		assertThat(event.getKeyValuePairs().get(1).value).isEqualTo(0);
		assertThat(event.getKeyValuePairs()).last().hasToString("left-out=\"37\"");
	}

	@ParameterizedTest
	@ValueSource(strings = { "connecting with s3cr\"et/\\<key> and 1234567", "[ERROR] s3cr\"et/\\<key> 1234567",
			"panic: s3cr\"et/\\<key>: 1234567",
			"{\"@level\":\"info\",\"@message\":\"a s3cr\\\"et/\\\\\\u003ckey> 1234567 b\"}",
			"{\"@level\":\"info\",\"@message\":\"m\",\"k\":\"s3cr\\\"et\\/\\\\<key>\",\"n\":1234567}",
			"{\"@level\":\"info\",\"@message\":\"m\",\"s3cr\\\"et/\\\\<key>\":1,\"n\":[1234567]}",
			"{\"@level\":\"info\",\"@message\":\"m\",\"o\":{\"a\":[\"s3cr\\\"et/\\\\<key>\"],\"1234567\":1}}",
			"{\"@level\":\"info\",\"@message\":\"m\",\"@timestamp\":\"s3cr\\\"et/\\\\<key> 1234567\"}",
			"{\"@level\":\"info\",\"@message\":\"{\\\"a\\\":\\\"s3cr\\\\\\\"et/\\\\\\\\<key>\\\",\\\"b\\\":1234567}\"}",
			"{\"cut\":1234567,\"k\":\"s3cr\\\"et/\\\\<key>\",", "1234567 \"s3cr\\\"et\\x2f\\\\<key>\"",
			"{\"unknown\":\"s3cr\\\"et/\\\\\\u003ckey>\",\"n\":1234567}", "\u001B[31ms3cr\u001B[0m\"et/\\<key> 1234567",
			"s3cr\"et/\\\u001B[1m<key> 1234567" })
	void whenAPluginTellsASecretThenItIsMasked(String line) {
		read(line + "\n");
		this.log.output(line, false);
		String all = described() + " " + this.log.tail();
		assertThat(described()).hasSize(2);
		assertThat(all).contains("******").doesNotContain("1234567", "et/", "key>");
	}

	@Test
	void whenAPluginTellsASecretOfManyLinesThenEachIsMasked() {
		String key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nAgEGCCqGSM49AwEHBG0w\n{\n-----END PRIVATE KEY-----\n";
		this.log = new PluginLog("relayer", org.slf4j.event.Level.TRACE, new SecretMask(Map.of("key", key)),
				(delay, task) -> {
				}, this.nanos::get);
		read("key: " + key + "{ text }\n");
		assertThat(described()).containsExactly("DEBUG key: ****** {}", "DEBUG ****** {}", "DEBUG ****** {}",
				"DEBUG { {}", "DEBUG ****** {}", "DEBUG { text } {}");
	}

	@Test
	void whenAPluginFloodsThenItIsLimitedAndSaysSoOnceASecond() {
		for (int second = 0; second < 3; second++) {
			for (int i = 0; i < 5000; i++) {
				this.log.error("line " + i, false);
			}
			this.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
		}
		this.log.error("one", false);
		assertThat(described().stream().filter((event) -> event.startsWith("DEBUG")))
			.hasSize(3 * PluginLog.LINES_PER_SECOND + 1);
		assertThat(described().stream().filter((event) -> event.startsWith("WARN"))).containsExactly(
				"WARN Plugin 'relayer' writes more than 1000 lines within a second. The log drops further lines {}",
				"WARN Dropped 4000 lines of plugin 'relayer', which writes more than 1000 within a second {}",
				"WARN Dropped 4000 lines of plugin 'relayer', which writes more than 1000 within a second {}",
				"WARN Dropped 4000 lines of plugin 'relayer', which writes more than 1000 within a second {}");
		assertThat(this.log.tail()).hasSize(PluginLog.TAIL_LINES).contains("line 4999").last().isEqualTo("one");
		this.nanos.addAndGet(Duration.ofHours(1).toNanos());
		IntStream.range(0, 1001).forEach((i) -> this.log.error("again", false));
		assertThat(described()).last()
			.isEqualTo(
					"WARN Plugin 'relayer' writes more than 1000 lines within a second. The log drops further lines {}");
	}

	@Test
	void whenAFloodEndsWithTheStreamThenTheNumberIsSaid() {
		read("x\n".repeat(1500));
		assertThat(this.events.events()).hasSize(1002);
		assertThat(described()).last()
			.isEqualTo("WARN Dropped 500 lines of plugin 'relayer', which writes more than 1000 within a second {}");
	}

	@Test
	void whenAFloodStopsThenItsLastCountIsLogged() {
		IntStream.range(0, 1500).forEach((i) -> this.log.error("x", false));
		assertThat(this.later).hasSize(1);
		this.nanos.addAndGet(Duration.ofSeconds(1).toNanos());
		this.later.forEach(Runnable::run);
		assertThat(described()).last()
			.isEqualTo("WARN Dropped 500 lines of plugin 'relayer', which writes more than 1000 within a second {}");
		this.log.end();
		assertThat(this.events.events()).hasSize(1002);
	}

	@Test
	void whenAFloodIsBelowTheThresholdThenItDropsNothing() {
		this.log = log(org.slf4j.event.Level.INFO);
		read("x\n".repeat(5000) + "[ERROR] y\n");
		assertThat(described()).containsExactly("ERROR [ERROR] y {}");
	}

	@Test
	void whenACrashIsInAFloodThenWhatHappenedIsLoggedAndKept() {
		read("x\n".repeat(3000) + "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n"
				+ "\tmain.go:7 +0x1\n".repeat(5000) + "exit status 2\n");
		assertThat(described()).contains("ERROR panic: boom {}", "ERROR goroutine 1 [running]: {}",
				"ERROR main.main() {}");
		assertThat(this.log.tail()).hasSize(PluginLog.TAIL_LINES)
			.startsWith("panic: boom", "goroutine 1 [running]:", "main.main()")
			.endsWith(" main.go:7 +0x1", "exit status 2");
	}

	@Test
	void whenEveryLineIsACrashThenTheyAreLimitedToo() {
		read("panic: boom\n".repeat(50_000));
		assertThat(this.events.events()).hasSizeLessThan(PluginLog.LINES_PER_SECOND + 200);
		assertThat(this.log.tail()).hasSize(PluginLog.TAIL_LINES).containsOnly("panic: boom");
	}

	@Test
	void whenACrashIsShortThenTheTailIsJustTheLastLines() {
		read(IntStream.range(0, 30).mapToObj((i) -> "line " + i + "\n").collect(Collectors.joining())
				+ "panic: boom\nmain.main()\n");
		assertThat(this.log.tail()).hasSize(PluginLog.TAIL_LINES)
			.startsWith("line 12")
			.endsWith("line 29", "panic: boom", "main.main()");
	}

	@Test
	void whenATailHasJsonThenItIsReadable() {
		read("{\"@level\":\"error\",\"@message\":\"cannot listen\",\"address\":\"/tmp/x\",\"n\":1}\n" + "y".repeat(1000)
				+ "\n");
		assertThat(this.log.tail()).containsExactly("ERROR cannot listen address=/tmp/x n=1",
				"y".repeat(PluginLog.TAIL_LINE_LENGTH) + "...");
	}

	@Test
	void whenATailIsCutThenASecretIsNotCutWithIt() {
		read("y".repeat(PluginLog.TAIL_LINE_LENGTH - 5) + SECRET + "\n");
		assertThat(this.log.tail()).singleElement().asString().doesNotContain("s3c");
	}

	@Test
	void whenStandardOutputIsTakenThenItIsTextAndNotInTheTail() {
		this.log.output("panic: {\"@level\":\"error\"}", false);
		this.log.output("{\"@level\":\"error\",\"@message\":\"m\"}", false);
		this.log.error("text", false);
		assertThat(described()).containsExactly("DEBUG panic: {\"@level\":\"error\"} {stream=stdout}",
				"DEBUG {\"@level\":\"error\",\"@message\":\"m\"} {stream=stdout}", "DEBUG text {}");
		assertThat(this.log.tail()).containsExactly("text");
	}

	@Test
	void whenTheStreamBreaksThenTheReadingEnds() {
		InputStream stream = new InputStream() {

			private final InputStream lines = new ByteArrayInputStream("one\ntwo".getBytes(StandardCharsets.UTF_8));

			@Override
			public int read() throws IOException {
				int value = this.lines.read();
				if (value < 0) {
					throw new IOException("Stream closed");
				}
				return value;
			}

		};
		this.log.read(stream);
		assertThat(described()).containsExactly("DEBUG one {}", "DEBUG two {}");
	}

	@Test
	void whenAnAppenderFailsThenTheReadingGoesOn() {
		AppenderBase<ILoggingEvent> failing = new AppenderBase<>() {

			@Override
			public void doAppend(ILoggingEvent event) {
				throw new IllegalStateException("disk full");
			}

			@Override
			protected void append(ILoggingEvent event) {
			}

		};
		failing.start();
		this.logger.addAppender(failing);
		read("one\ntwo\n");
		assertThat(described()).containsExactly("DEBUG one {}", "DEBUG two {}");
	}

	@Test
	void whenTheTailIsAskedForWhileLinesComeThenNeitherWaits() throws Exception {
		CountDownLatch blocked = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		AppenderBase<ILoggingEvent> blocking = new AppenderBase<>() {

			@Override
			public void doAppend(ILoggingEvent event) {
				blocked.countDown();
				try {
					release.await(30, TimeUnit.SECONDS);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			}

			@Override
			protected void append(ILoggingEvent event) {
			}

		};
		blocking.start();
		this.logger.addAppender(blocking);
		try (PipedOutputStream out = new PipedOutputStream(); PipedInputStream in = new PipedInputStream(out)) {
			Thread reader = new Thread(() -> this.log.read(in));
			reader.start();
			out.write("one\n".getBytes(StandardCharsets.UTF_8));
			out.flush();
			assertThat(blocked.await(30, TimeUnit.SECONDS)).isTrue();
			assertThat(this.log.tail()).containsExactly("one");
			release.countDown();
			out.close();
			reader.join(30_000);
			assertThat(reader.isAlive()).isFalse();
		}
	}

	@ParameterizedTest
	@CsvSource({ "OFF", "ERROR" })
	void whenTheLoggerIsQuietThenOnlyTheTailHasTheLine(String level) {
		this.logger.setLevel(Level.valueOf(level));
		read("[WARN] x\n");
		assertThat(described()).isEmpty();
		assertThat(this.log.tail()).containsExactly("[WARN] x");
	}

	@ParameterizedTest
	@MethodSource
	void whenAProcessCrashesThenItsLastWordsAreTheCause(String output, String words) {
		read("starting\n" + output + "\n");
		assertThat(this.log.lastWords()).isEqualTo(words);
	}

	static Stream<Arguments> whenAProcessCrashesThenItsLastWordsAreTheCause() {
		String stack = "\ngoroutine 1 [running]:\n" + "main.run(...)\n\t/src/server.go:1030 +0x11d\n".repeat(40);
		String python = "Traceback (most recent call last):\n"
				+ "  File \"a.py\", line 1, in <module>\n    run()\n".repeat(30);
		String java = "\tat a.B.c(B.java:1)\n".repeat(30);
		return Stream.of(arguments("panic: boom\n" + stack, "panic: boom"),
				arguments("panic: boom [recovered]\n\tpanic: again\n" + stack, "panic: boom [recovered]"),
				arguments("fatal error: all goroutines are asleep - deadlock!\n" + stack,
						"fatal error: all goroutines are asleep - deadlock!"),
				arguments(python + "ValueError: boom", "ValueError: boom"),
				arguments(python + "KeyError: 'a'\n\nDuring handling of the above exception, another exception "
						+ "occurred:\n\n" + python + "app.AppError: boom", "app.AppError: boom"),
				arguments(
						"Exception in thread \"main\" java.lang.IllegalStateException: boom\n" + java
								+ "Caused by: java.io.IOException: x\n" + java + "\t... 3 more",
						"Exception in thread \"main\" java.lang.IllegalStateException: boom"),
				arguments("java.lang.IllegalStateException: boom\n" + java + "Caused by: x.Y: z\n" + java,
						"java.lang.IllegalStateException: boom"),
				arguments("Error: boom\n    at run (/a.js:1:2)\n    at main (/a.js:3:4)", "Error: boom"),
				arguments("thread 'main' panicked at src/main.rs:2:5:\nboom\nnote: run with RUST_BACKTRACE=1",
						"thread 'main' panicked at src/main.rs:2:5:"),
				arguments("listen tcp :8080: bind: address already in use",
						"listen tcp :8080: bind: address already in use"));
	}

	@Test
	void whenAProcessSurvivesACrashReportThenItsLastWordsAreItsLastLine() {
		read("panic: recovered\ngoroutine 1 [running]:\n");
		this.nanos.addAndGet(Duration.ofSeconds(3).toNanos());
		read("stopping\n");
		assertThat(this.log.lastWords()).isEqualTo("stopping");
	}

	@Test
	void whenAProcessHasSaidNothingThenItHasNoLastWords() {
		read("\n");
		assertThat(this.log.lastWords()).isNull();
	}

	private PluginLog log(org.slf4j.event.Level threshold) {
		return new PluginLog("relayer", threshold, this.secrets, (delay, task) -> this.later.add(task),
				this.nanos::get);
	}

	private void read(String text) {
		this.log.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
	}

	private List<String> described() {
		return this.events.events()
			.stream()
			.map((event) -> event.getLevel() + " " + event.getFormattedMessage() + " {" + values(event) + "}")
			.toList();
	}

	private static String values(ILoggingEvent event) {
		return (event.getKeyValuePairs() == null) ? ""
				: event.getKeyValuePairs()
					.stream()
					.map((pair) -> pair.key + "=" + pair.value)
					.collect(Collectors.joining(", "));
	}

}
