package dev.pluggable.spring.autoconfigure.diagnostics;

import java.util.Map;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Keeps the frames of HTTP/2 out of the log of an application that sets another level for
 * all loggers: frames contain the metadata and the errors of components, with their
 * secrets. A level for the two loggers themselves takes precedence.
 */
class FrameLogEnvironmentPostProcessor implements EnvironmentPostProcessor {

	static final String NAME = "pluggableFrameLog";

	@Override
	public void postProcessEnvironment(ConfigurableEnvironment environment, SpringApplication application) {
		if (!environment.getPropertySources().contains(NAME)) {
			environment.getPropertySources()
				.addLast(new MapPropertySource(NAME, Map.of("logging.level.io.grpc.netty.NettyClientHandler", "INFO",
						"logging.level.io.grpc.netty.NettyServerHandler", "INFO")));
		}
	}

}
