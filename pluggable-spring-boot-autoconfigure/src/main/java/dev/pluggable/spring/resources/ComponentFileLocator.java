package dev.pluggable.spring.resources;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.io.Resource;
import org.springframework.core.io.ResourceLoader;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.springframework.core.log.LogMessage;

/**
 * Finds the component files at the locations in {@code pluggable.resources}. A location
 * is a single file, or a folder whose files are used in the order of their names.
 */
final class ComponentFileLocator {

	private static final Log logger = LogFactory.getLog(ComponentFileLocator.class);

	private static final String OPTIONAL = "optional:";

	private static final String CLASSPATH = "classpath:";

	private static final String FILE = "file:";

	private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.*-]*:.*");

	private final PathMatchingResourcePatternResolver resolver;

	ComponentFileLocator(ResourceLoader resourceLoader) {
		this.resolver = new PathMatchingResourcePatternResolver(resourceLoader);
	}

	List<ComponentFile> find(String location) {
		String text = location.trim();
		boolean optional = text.startsWith(OPTIONAL);
		String plain = optional ? text.substring(OPTIONAL.length()) : text;
		List<ComponentFile> files = plain.startsWith(CLASSPATH) ? classPath(plain) : file(plain);
		if (files != null) {
			return files;
		}
		if (optional) {
			logger.debug(LogMessage.format("There are no component files at '%s'", plain));
			return List.of();
		}
		throw new ComponentFileException("There is no file or folder '" + plain + "'",
				"Correct 'pluggable.resources', or write 'optional:" + plain + "' if the location is optional.");
	}

	private @Nullable List<ComponentFile> file(String location) {
		boolean prefixed = location.startsWith(FILE);
		if (!prefixed && (SCHEME.matcher(location).matches() || location.isEmpty())) {
			throw unsupported(location);
		}
		Path path;
		try {
			path = Path.of(prefixed ? location.substring(FILE.length()) : location).toAbsolutePath().normalize();
		}
		catch (InvalidPathException ex) {
			throw unsupported(location);
		}
		if (Files.isRegularFile(path)) {
			requireYaml(path.toString());
			return List.of(read(path));
		}
		if (!Files.isDirectory(path)) {
			return null;
		}
		try (Stream<Path> entries = Files.list(path)) {
			return entries.filter((entry) -> isYaml(entry.toString()) && Files.isRegularFile(entry))
				.sorted()
				.map(ComponentFileLocator::read)
				.toList();
		}
		catch (IOException ex) {
			throw unreadable(path.toString());
		}
	}

	private static ComponentFile read(Path path) {
		try (InputStream content = Files.newInputStream(path)) {
			return read(path.toString(), content);
		}
		catch (IOException ex) {
			throw unreadable(path.toString());
		}
	}

	private @Nullable List<ComponentFile> classPath(String location) {
		String path = location.substring(CLASSPATH.length()).replaceAll("^/+|/+$", "");
		if (path.matches(".*[*?{}].*")) {
			throw unsupported(location);
		}
		try {
			Resource single = this.resolver.getResource(CLASSPATH + path);
			if (isYaml(path)) {
				return single.exists() ? List.of(read(CLASSPATH + path, single)) : null;
			}
			List<ComponentFile> files = new ArrayList<>();
			Resource[] entries = this.resolver.getResources(CLASSPATH + path + "/*");
			Arrays.sort(entries, Comparator.comparing((entry) -> String.valueOf(entry.getFilename())));
			for (Resource entry : entries) {
				String name = Objects.requireNonNullElse(entry.getFilename(), "");
				if (isYaml(name) && entry.isReadable()) {
					files.add(read(CLASSPATH + path + "/" + name, entry));
				}
			}
			boolean there = entries.length > 0 || this.resolver.getResource(CLASSPATH + path + "/").exists();
			return there ? files : null;
		}
		catch (FileNotFoundException ex) {
			return null;
		}
		catch (IOException ex) {
			throw unreadable(location);
		}
	}

	private static ComponentFile read(String name, Resource resource) throws IOException {
		try (InputStream content = resource.getInputStream()) {
			return read(name, content);
		}
	}

	private static ComponentFile read(String name, InputStream content) throws IOException {
		byte[] bytes = content.readNBytes(ComponentFile.MAX_SIZE + 1);
		if (bytes.length > ComponentFile.MAX_SIZE) {
			throw new ComponentFileException(new Place(name, 0),
					"the file has more than " + ComponentFile.MAX_SIZE + " bytes",
					"Divide the file into several files.");
		}
		return new ComponentFile(name, bytes);
	}

	private static boolean isYaml(String name) {
		String lowerCase = name.toLowerCase(Locale.ROOT);
		return lowerCase.endsWith(".yaml") || lowerCase.endsWith(".yml");
	}

	private static void requireYaml(String name) {
		if (!isYaml(name)) {
			throw new ComponentFileException(new Place(name, 0),
					"the name of the file does not end with '.yaml' or '.yml'",
					"Rename the file, or correct 'pluggable.resources'.");
		}
	}

	private static ComponentFileException unreadable(String name) {
		return new ComponentFileException("Component file or folder '" + name + "' cannot be read",
				"Give the user that runs the application read access.");
	}

	private static ComponentFileException unsupported(String location) {
		return new ComponentFileException("'" + location + "' in 'pluggable.resources' is not a location of files",
				"Write 'classpath:' or 'file:' and the path of a file or folder, without wildcards, "
						+ "such as 'file:/etc/components'.");
	}

}
