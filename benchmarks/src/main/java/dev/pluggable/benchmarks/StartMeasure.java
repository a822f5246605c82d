package dev.pluggable.benchmarks;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import dev.pluggable.benchmarks.application.EmptyApplication;

/**
 * Measures what the starter adds to the start of an empty Spring Boot application.
 */
final class StartMeasure implements Measure {

	private static final String EMPTY = "empty";

	private static final String STARTER = "with the starter";

	private static final String COMPONENT = "with the starter and a component";

	/** Libraries of spring-boot-starter. */
	private static final Set<String> BOOT = Set.of("commons-logging", "jakarta.annotation-api", "jspecify",
			"jul-to-slf4j", "log4j-api", "log4j-to-slf4j", "logback-classic", "logback-core", "micrometer-commons",
			"micrometer-observation", "slf4j-api", "snakeyaml", "spring-aop", "spring-beans", "spring-boot",
			"spring-boot-autoconfigure", "spring-boot-starter", "spring-boot-starter-logging", "spring-context",
			"spring-core", "spring-expression");

	/** Libraries of the benchmarks only. */
	private static final Set<String> TOOLS = Set.of("HdrHistogram", "commons-math3", "jmh-core", "jopt-simple",
			"spring-boot-health");

	@Override
	public void run(Scale scale, Report report) throws Exception {
		try (WorkFolder folder = new WorkFolder()) {
			Path empty = folder.folder("e");
			Path sockets = folder.folder("s");
			Rounds<Start> rounds = new Rounds<>();
			rounds.add(EMPTY, () -> start(false, empty));
			rounds.add(STARTER, () -> start(true, empty));
			if (!scale.quick()) {
				rounds.add(COMPONENT, () -> start(true, sockets));
			}
			try (ServerProcess component = ServerProcess.start(ManySockets.class, List.of(), sockets.toString(), "1")) {
				// The first start reads files from the disk and does not count.
				start(true, empty);
				for (int i = Math.min(scale.quick() ? 3 : 10, scale.rounds()); i > 0; i--) {
					rounds.measureOnce();
				}
			}
			Table table = report.table("Start of a Spring Boot application",
					"Milliseconds from the start of the process until the application is ready; processor time of the "
							+ "main thread, which other work on the machine does not affect; loaded classes and heap after a "
							+ "collection at that moment."
							+ (scale.quick() ? ""
									: " The component listens in the folder before the start begins. The start waits "
											+ "for it, at most as long as 'pluggable.discovery.initial-wait'."));
			for (String name : rounds.names()) {
				table.row("application", name, "ms", rounds.figure(name, Start::millis), "main thread's processor ms",
						rounds.figure(name, Start::processor), "classes", rounds.figure(name, Start::classes).median(),
						"heap KiB", rounds.figure(name, Start::heap).median() / 1024, "jars on the class path",
						rounds.figure(name, Start::jars).median());
			}
			report.aims()
				.add(Aim.atMost("start-up added to an empty application", 300, " ms",
						rounds.figure(STARTER, Start::millis).median() - rounds.figure(EMPTY, Start::millis).median()));
		}
	}

	private static Start start(boolean starter, Path sockets) throws IOException, InterruptedException {
		List<String> classPath = classPath(starter);
		List<String> command = new ArrayList<>(List.of(ServerProcess.java().toString(), "-Xmx256m", "-cp",
				String.join(File.pathSeparator, classPath), EmptyApplication.class.getName(),
				"--pluggable.socket-folders=" + sockets, "--spring.main.banner-mode=off"));
		Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try (Stream<String> lines = process.inputReader().lines()) {
			String line = lines.filter((text) -> text.startsWith(EmptyApplication.READY))
				.findFirst()
				.orElseThrow(() -> new IOException("The application did not start"));
			process.waitFor();
			double[] figures = Arrays.stream(line.substring(EmptyApplication.READY.length()).split(" "))
				.mapToDouble(Double::parseDouble)
				.toArray();
			return new Start(figures[0], figures[3], figures[1], figures[2], classPath.size());
		}
	}

	/**
	 * Return the class path of an application: our own class path without the libraries
	 * of the benchmarks. Libraries of an empty application come first, as in an
	 * application that declares our starter after Spring Boot's.
	 * @param starter whether to include the libraries of our starter
	 */
	private static List<String> classPath(boolean starter) {
		List<String> paths = new ArrayList<>();
		List<String> added = new ArrayList<>();
		for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
			String artifact = Path.of(path).getFileName().toString().replaceFirst("-\\d.*", "");
			if (Files.isDirectory(Path.of(path)) || BOOT.contains(artifact)) {
				paths.add(path);
			}
			else if (starter && !TOOLS.contains(artifact)) {
				added.add(path);
			}
		}
		paths.addAll(added);
		return paths;
	}

	/**
	 * The figures of one start.
	 *
	 * @param millis milliseconds from the start of the process
	 * @param processor processor time of the main thread in milliseconds
	 * @param classes loaded classes
	 * @param heap bytes after a collection
	 * @param jars entries of the class path
	 */
	private record Start(double millis, double processor, double classes, double heap, double jars) {

	}

}
