package dev.pluggable.spring.autoconfigure.endpoint;

import dev.pluggable.host.ComponentHost;
import dev.pluggable.spring.server.ComponentServers;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;

/**
 * Matches if the application has a host or serves components.
 */
class OnHostOrServersCondition extends AnyNestedCondition {

	OnHostOrServersCondition() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnBean(ComponentHost.class)
	static class Host {

	}

	@ConditionalOnBean(ComponentServers.class)
	static class Servers {

	}

}
