package dev.pluggable.spring.grpc;

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
 * Applies global client interceptors to each call to a component. The host makes channels
 * before interceptors can be created, so this class finds the interceptors later: when
 * all beans exist, or at the first call that a bean makes during its own initialisation.
 * Only calls of the host itself, such as {@code Init}, have no interceptors before.
 * <p>
 * Internal: public for other packages of this module, not for applications.
 *
 * @since 0.1.0
 */
public final class GlobalInterceptorsChannelCustomizer
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
	 * A call of the host does not wait for beans: the thread that creates the beans may
	 * be waiting for the host.
	 */
	private boolean mayLookUp(CallOptions options) {
		return this.beanFactory != null && this.beanFactory.isConfigurationFrozen() && this.lookingUp.get() == null
				&& !options.getOption(HOST_CALL);
	}

	/**
	 * Find the interceptors. A lock is not needed, because two threads find the same
	 * beans. An interceptor that calls a component during its own creation is not applied
	 * to that call.
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
	 * The only interceptor of a channel. It passes calls on until the others exist.
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
