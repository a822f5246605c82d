package example;

import dev.pluggable.ComponentFactory;
import dev.pluggable.spring.server.PluggableComponent;
import dev.pluggable.state.InMemoryStateStore;
import dev.pluggable.state.StateStore;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * Is a component itself.
 */
@SpringBootConfiguration
@EnableAutoConfiguration
public class ComponentApplication {

	@Bean
	@PluggableComponent(name = "mine")
	ComponentFactory<StateStore> stores() {
		return (name, metadata) -> new InMemoryStateStore();
	}

}
