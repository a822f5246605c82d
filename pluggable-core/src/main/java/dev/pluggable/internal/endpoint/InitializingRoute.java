package dev.pluggable.internal.endpoint;

import java.util.concurrent.Executor;

import dev.pluggable.InitializingGeneration;
import dev.pluggable.Registration;
import io.grpc.Attributes;
import io.grpc.Channel;

/**
 * What a kind sees of a generation while it initialises a component.
 */
final class InitializingRoute implements InitializingGeneration {

	private final Generation generation;

	private final Channel channel;

	private final OwnedResources resources;

	private final Executor executor;

	InitializingRoute(Generation generation, Channel channel, OwnedResources resources, Executor executor) {
		this.generation = generation;
		this.channel = channel;
		this.resources = resources;
		this.executor = executor;
	}

	@Override
	public long number() {
		return this.generation.number();
	}

	@Override
	public Channel channel() {
		return this.channel;
	}

	@Override
	public Attributes attributes() {
		return this.generation.target().attributes();
	}

	@Override
	public boolean current() {
		return !this.generation.lost() && !this.resources.isClosed();
	}

	@Override
	public Executor executor() {
		return this.executor;
	}

	@Override
	public void closeWith(Registration resource) {
		this.resources.add(resource);
	}

}
