package dev.pluggable.autoconfigure.endpoint;

import dev.pluggable.autoconfigure.server.ComponentServers;
import dev.pluggable.host.ComponentHost;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;

/**
 * Whether there is anything to show.
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
