package dev.pluggable.spring.autoconfigure.grpc;

import java.util.List;

import dev.pluggable.endpoint.ComponentChannelCustomizer;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.grpc.client.GlobalClientInterceptor;

/**
 * Applies the global client interceptors to each call to a component. Channels are
 * created before ordinary beans. The interceptors are looked up when all beans exist, or
 * at the first call of a bean that is being initialised. The host's earlier calls, which
 * query services and send {@code Init}, bypass the interceptors.
 */
final class GlobalInterceptorsChannelCustomizer
		implements ComponentChannelCustomizer, BeanFactoryAware, SmartInitializingSingleton {

	private final ThreadLocal<Boolean> lookingUp = new ThreadLocal<>();

	private @Nullable ConfigurableListableBeanFactory beanFactory;

	private volatile @Nullable List<ClientInterceptor> interceptors;

	@Override
	public void setBeanFactory(BeanFactory beanFactory) {
		this.beanFactory = (ConfigurableListableBeanFactory) beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		lookUp();
	}

	@Override
	public void customize(String endpoint, ManagedChannelBuilder<?> builder) {
		builder.intercept(new LateInterceptor());
	}

	private @Nullable List<ClientInterceptor> interceptors(CallOptions options) {
		List<ClientInterceptor> interceptors = this.interceptors;
		return (interceptors == null && mayLookUp(options)) ? lookUp() : interceptors;
	}

	/**
	 * Return whether a call may create the interceptors. The host's own calls must not
	 * wait for beans, because the thread that creates the beans may wait for the host.
	 */
	private boolean mayLookUp(CallOptions options) {
		return this.beanFactory != null && this.beanFactory.isConfigurationFrozen() && this.lookingUp.get() == null
				&& !options.getOption(HOST_CALL);
	}

	/**
	 * Look up the interceptors. The method needs no lock, because concurrent threads find
	 * the same beans. A call that an interceptor makes during its own creation bypasses
	 * the interceptors.
	 */
	private @Nullable List<ClientInterceptor> lookUp() {
		ConfigurableListableBeanFactory beanFactory = this.beanFactory;
		if (beanFactory == null) {
			return null;
		}
		this.lookingUp.set(true);
		try {
			List<ClientInterceptor> ordered = GlobalInterceptors.find(beanFactory, ClientInterceptor.class,
					GlobalClientInterceptor.class);
			this.interceptors = ordered;
			return ordered;
		}
		finally {
			this.lookingUp.remove();
		}
	}

	/**
	 * The only interceptor of a channel, which applies the global interceptors as soon as
	 * they exist.
	 */
	private final class LateInterceptor implements ClientInterceptor {

		private volatile @Nullable Intercepted intercepted;

		@Override
		public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
			Intercepted intercepted = this.intercepted;
			if (intercepted == null || intercepted.next() != next) {
				List<ClientInterceptor> interceptors = interceptors(options);
				if (interceptors == null) {
					return next.newCall(method, options);
				}
				intercepted = new Intercepted(next, ClientInterceptors.interceptForward(next, interceptors));
				this.intercepted = intercepted;
			}
			return intercepted.channel().newCall(method, options);
		}

	}

	private record Intercepted(Channel next, Channel channel) {
	}

}
