package dev.pluggable.spring.resources;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.pluggable.ApplicationIdentity;
import dev.pluggable.endpoint.ComponentSettings;
import dev.pluggable.host.ComponentDeclaration;
import dev.pluggable.spring.host.ComponentDeclarationSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.io.ResourceLoader;
import org.springframework.core.log.LogMessage;
import org.springframework.util.ClassUtils;

/**
 * Declares the components of the component files.
 * <p>
 * The auto-configuration uses this class. It is not API.
 *
 * @since 0.1.0
 */
public final class ComponentFiles implements ComponentDeclarationSource {

	/** Kinds of components that exist in Dapr and not in Pluggable. */
	static final Set<String> FOREIGN_KINDS = Set.of("configuration", "conversation", "crypto", "lock", "middleware",
			"nameresolution", "workflow", "workflowbackend");

	private static final Log logger = LogFactory.getLog(ComponentFiles.class);

	private final List<String> locations;

	private final Supplier<Set<String>> ownKinds;

	private final ResourceLoader resourceLoader;

	private final Function<String, @Nullable String> environment;

	private @Nullable Declared declared;

	/**
	 * Create the source.
	 * @param locations locations of files and folders
	 * @param ownKinds type prefixes of kinds that the application adds
	 * @param resourceLoader resolves the locations on the class path
	 * @param environment returns the value of an environment variable, {@code null} if
	 * the variable is not set
	 */
	public ComponentFiles(List<String> locations, Supplier<Set<String>> ownKinds, ResourceLoader resourceLoader,
			Function<String, @Nullable String> environment) {
		this.locations = List.copyOf(locations);
		this.ownKinds = ownKinds;
		this.resourceLoader = resourceLoader;
		this.environment = environment;
	}

	/**
	 * Return the declared components. The method reads the files only once, so that a
	 * template such as {@code {uuid}} keeps its value.
	 */
	@Override
	public synchronized List<ComponentDeclaration> declarations(ComponentSettings defaults,
			ApplicationIdentity application) {
		Declared declared = this.declared;
		if (declared == null || !declared.isFor(defaults, application)) {
			declared = new Declared(defaults, application, read(defaults, application));
			this.declared = declared;
		}
		return declared.declarations();
	}

	private List<ComponentDeclaration> read(ComponentSettings defaults, ApplicationIdentity application) {
		if (this.locations.isEmpty()) {
			return List.of();
		}
		if (!ClassUtils.isPresent("org.yaml.snakeyaml.Yaml", this.resourceLoader.getClassLoader())) {
			throw new ComponentFileException("Component files cannot be read without SnakeYAML",
					"Add the dependency 'org.yaml:snakeyaml', which is also part of 'spring-boot-starter', "
							+ "or remove 'pluggable.resources'.");
		}
		ComponentFileLocator locator = new ComponentFileLocator(this.resourceLoader);
		ComponentVariables variables = new ComponentVariables(application, this.environment);
		Map<String, Place> places = new HashMap<>();
		List<ComponentDeclaration> declarations = new ArrayList<>();
		for (String location : this.locations) {
			for (ComponentFile file : locator.find(location)) {
				for (YamlMapping mapping : file.documents()) {
					ComponentDocument document = ComponentDocument.of(mapping);
					if (document != null && document.isFor(application) && isKnown(document)) {
						requireNew(document, places);
						declarations.add(document.declaration(defaults, variables));
					}
				}
			}
		}
		return declarations;
	}

	private boolean isKnown(ComponentDocument document) {
		String kind = document.type().kind();
		boolean known = !FOREIGN_KINDS.contains(kind) || this.ownKinds.get().contains(kind);
		if (!known) {
			logger.info(LogMessage.format(
					"Component file %s: the component is ignored, because the kind '%s' is not supported",
					document.place(), kind));
		}
		return known;
	}

	private static void requireNew(ComponentDocument document, Map<String, Place> places) {
		Place earlier = places.putIfAbsent(document.name(), document.place());
		if (earlier != null) {
			throw new ComponentFileException(document.place(),
					"there is another component '" + document.name() + "' in " + earlier,
					"Rename one of the components, or restrict the components with 'scopes'.");
		}
	}

	/**
	 * The declared components, and the settings and the application they were read for.
	 */
	private record Declared(ComponentSettings defaults, ApplicationIdentity application,
			List<ComponentDeclaration> declarations) {

		boolean isFor(ComponentSettings defaults, ApplicationIdentity application) {
			return this.defaults.equals(defaults) && this.application.equals(application);
		}

	}

}
