package dev.pluggable.spring.grpc;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import io.grpc.BinaryLog;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ClientTransportFilter;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolver;
import io.grpc.ProxyDetector;
import org.jspecify.annotations.Nullable;

/**
 * Builds a channel on that of a component. Interceptors apply. Settings of a connection
 * have no effect, because the host owns the connection.
 *
 * @since 0.1.0
 */
public final class ComponentChannelBuilder extends ManagedChannelBuilder<ComponentChannelBuilder> {

	private final Channel channel;

	private final List<ClientInterceptor> interceptors = new ArrayList<>();

	ComponentChannelBuilder(Channel channel) {
		this.channel = channel;
	}

	@Override
	public ComponentChannelBuilder intercept(List<ClientInterceptor> interceptors) {
		this.interceptors.addAll(interceptors);
		return this;
	}

	@Override
	public ComponentChannelBuilder intercept(ClientInterceptor... interceptors) {
		Collections.addAll(this.interceptors, interceptors);
		return this;
	}

	@Override
	public ManagedChannel build() {
		return new ComponentChannel(ClientInterceptors.intercept(this.channel, this.interceptors));
	}

	@Override
	public ComponentChannelBuilder directExecutor() {
		return this;
	}

	@Override
	public ComponentChannelBuilder executor(Executor executor) {
		return this;
	}

	@Override
	public ComponentChannelBuilder offloadExecutor(Executor executor) {
		return this;
	}

	@Override
	public ComponentChannelBuilder addTransportFilter(ClientTransportFilter filter) {
		return this;
	}

	@Override
	public ComponentChannelBuilder userAgent(String userAgent) {
		return this;
	}

	@Override
	public ComponentChannelBuilder overrideAuthority(String authority) {
		return this;
	}

	@Override
	public ComponentChannelBuilder usePlaintext() {
		return this;
	}

	@Override
	public ComponentChannelBuilder useTransportSecurity() {
		return this;
	}

	@Override
	@Deprecated
	public ComponentChannelBuilder nameResolverFactory(NameResolver.Factory factory) {
		return this;
	}

	@Override
	public ComponentChannelBuilder defaultLoadBalancingPolicy(String policy) {
		return this;
	}

	@Override
	public ComponentChannelBuilder decompressorRegistry(DecompressorRegistry registry) {
		return this;
	}

	@Override
	public ComponentChannelBuilder compressorRegistry(CompressorRegistry registry) {
		return this;
	}

	@Override
	public ComponentChannelBuilder idleTimeout(long value, TimeUnit unit) {
		return this;
	}

	@Override
	public ComponentChannelBuilder maxInboundMessageSize(int bytes) {
		return this;
	}

	@Override
	public ComponentChannelBuilder maxInboundMetadataSize(int bytes) {
		return this;
	}

	@Override
	public ComponentChannelBuilder keepAliveTime(long value, TimeUnit unit) {
		return this;
	}

	@Override
	public ComponentChannelBuilder keepAliveTimeout(long value, TimeUnit unit) {
		return this;
	}

	@Override
	public ComponentChannelBuilder keepAliveWithoutCalls(boolean enable) {
		return this;
	}

	@Override
	public ComponentChannelBuilder maxRetryAttempts(int attempts) {
		return this;
	}

	@Override
	public ComponentChannelBuilder maxHedgedAttempts(int attempts) {
		return this;
	}

	@Override
	public ComponentChannelBuilder retryBufferSize(long bytes) {
		return this;
	}

	@Override
	public ComponentChannelBuilder perRpcBufferLimit(long bytes) {
		return this;
	}

	@Override
	public ComponentChannelBuilder disableRetry() {
		return this;
	}

	@Override
	public ComponentChannelBuilder enableRetry() {
		return this;
	}

	@Override
	public ComponentChannelBuilder setBinaryLog(BinaryLog log) {
		return this;
	}

	@Override
	public ComponentChannelBuilder maxTraceEvents(int events) {
		return this;
	}

	@Override
	public ComponentChannelBuilder proxyDetector(ProxyDetector detector) {
		return this;
	}

	@Override
	public ComponentChannelBuilder defaultServiceConfig(@Nullable Map<String, ?> config) {
		return this;
	}

	@Override
	public ComponentChannelBuilder disableServiceConfigLookUp() {
		return this;
	}

	@Override
	public <X> ComponentChannelBuilder setNameResolverArg(NameResolver.Args.Key<X> key, X value) {
		return this;
	}

}
