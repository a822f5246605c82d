package dev.pluggable.sample.docs;

import dev.pluggable.ComponentFactory;
import dev.pluggable.spring.server.PluggableComponent;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class StoreApplication {

	@Bean
	@PluggableComponent(name = "mine")
	ComponentFactory<StateStore> stores() {
		return (name, metadata) -> new InMemoryStateStore();
	}

}
