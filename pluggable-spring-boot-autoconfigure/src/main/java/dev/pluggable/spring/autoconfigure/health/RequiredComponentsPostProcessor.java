package dev.pluggable.spring.autoconfigure.health;

import java.util.List;
import java.util.Set;

import dev.pluggable.Component;
import dev.pluggable.host.ComponentHost;
import dev.pluggable.plugin.PluginStatus;
import dev.pluggable.plugin.Plugins;
import dev.pluggable.spring.health.PluggableHealthContributor;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.AdditionalPathsMapper;
import org.springframework.boot.actuate.endpoint.web.WebServerNamespace;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.actuate.endpoint.AdditionalHealthEndpointPath;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroup;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroups;
import org.springframework.boot.health.actuate.endpoint.HealthEndpointGroupsPostProcessor;
import org.springframework.boot.health.actuate.endpoint.HttpCodeStatusMapper;
import org.springframework.boot.health.actuate.endpoint.StatusAggregator;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorMembership;
import org.springframework.core.env.Environment;

/**
 * Adds the required components and plugins to the health group {@code readiness}. The
 * post-processor looks up the required components at each request. The group keeps its
 * other members and the settings of the application, including excluded members.
 */
final class RequiredComponentsPostProcessor implements HealthEndpointGroupsPostProcessor {

	private static final String READINESS = "readiness";

	/**
	 * Prefix of the paths of the contributor's children in health groups.
	 */
	private static final String PATH = "pluggable/";

	private static final String EXCLUDE = "management.endpoint.health.group.readiness.exclude";

	private final ComponentHost host;

	private final ObjectProvider<Plugins> plugins;

	private final HealthContributorMembership notExcluded;

	RequiredComponentsPostProcessor(ComponentHost host, ObjectProvider<Plugins> plugins, Environment environment) {
		this.host = host;
		this.plugins = plugins;
		Set<String> excluded = Binder.get(environment).bind(EXCLUDE, Bindable.setOf(String.class)).orElse(Set.of());
		this.notExcluded = HealthContributorMembership.byIncludeExclude(null, excluded);
	}

	@Override
	public HealthEndpointGroups postProcessHealthEndpointGroups(HealthEndpointGroups groups) {
		HealthEndpointGroup readiness = groups.get(READINESS);
		return (readiness != null) ? new Groups(groups, new Readiness(readiness)) : groups;
	}

	private boolean isRequired(String path) {
		if (!path.startsWith(PATH)) {
			return false;
		}
		String id = path.substring(PATH.length());
		if (id.startsWith(PluggableHealthContributor.PLUGIN_PREFIX)) {
			return isRequiredPlugin(id.substring(PluggableHealthContributor.PLUGIN_PREFIX.length()));
		}
		return this.host.registry()
			.components()
			.stream()
			.filter(Component::required)
			.anyMatch((component) -> component.id().equals(id));
	}

	private boolean isRequiredPlugin(String name) {
		Plugins plugins = this.plugins.getIfAvailable();
		return plugins != null && plugins.status(name).filter(PluginStatus::required).isPresent();
	}

	private static final class Groups implements HealthEndpointGroups, AdditionalPathsMapper {

		private final HealthEndpointGroups delegate;

		private final HealthEndpointGroup readiness;

		Groups(HealthEndpointGroups delegate, HealthEndpointGroup readiness) {
			this.delegate = delegate;
			this.readiness = readiness;
		}

		@Override
		public HealthEndpointGroup getPrimary() {
			return this.delegate.getPrimary();
		}

		@Override
		public Set<String> getNames() {
			return this.delegate.getNames();
		}

		@Override
		public @Nullable HealthEndpointGroup get(String name) {
			return name.equals(READINESS) ? this.readiness : this.delegate.get(name);
		}

		@Override
		public @Nullable List<String> getAdditionalPaths(EndpointId endpointId, WebServerNamespace webServerNamespace) {
			return (this.delegate instanceof AdditionalPathsMapper mapper)
					? mapper.getAdditionalPaths(endpointId, webServerNamespace) : null;
		}

	}

	private final class Readiness implements HealthEndpointGroup {

		private final HealthEndpointGroup delegate;

		Readiness(HealthEndpointGroup delegate) {
			this.delegate = delegate;
		}

		@Override
		public boolean isMember(String name) {
			return this.delegate.isMember(name)
					|| (isRequired(name) && RequiredComponentsPostProcessor.this.notExcluded.isMember(name));
		}

		@Override
		public boolean showComponents(SecurityContext securityContext) {
			return this.delegate.showComponents(securityContext);
		}

		@Override
		public boolean showDetails(SecurityContext securityContext) {
			return this.delegate.showDetails(securityContext);
		}

		@Override
		public StatusAggregator getStatusAggregator() {
			return this.delegate.getStatusAggregator();
		}

		@Override
		public HttpCodeStatusMapper getHttpCodeStatusMapper() {
			return this.delegate.getHttpCodeStatusMapper();
		}

		@Override
		public @Nullable AdditionalHealthEndpointPath getAdditionalPath() {
			return this.delegate.getAdditionalPath();
		}

	}

}
