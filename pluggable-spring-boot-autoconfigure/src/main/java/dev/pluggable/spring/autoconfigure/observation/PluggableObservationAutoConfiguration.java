package dev.pluggable.spring.autoconfigure.observation;

import java.util.Map;

import dev.pluggable.observation.MessageListener;
import dev.pluggable.spring.autoconfigure.host.PluggableAutoConfiguration;
import dev.pluggable.spring.observation.CallObservationConvention;
import dev.pluggable.spring.observation.MessageObservationConvention;
import dev.pluggable.spring.observation.ObservationCallListener;
import dev.pluggable.spring.observation.ObservationMessageListener;
import dev.pluggable.spring.observation.OpenSubscriptions;
import dev.pluggable.spring.observation.SubscriptionMeters;
import dev.pluggable.spring.observation.TraceFields;
import dev.pluggable.spring.pubsub.CloudEventFormat;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration for observations of calls to components and of messages, if there is
 * an {@link ObservationRegistry}.
 *
 * @since 0.1.0
 */
@AutoConfiguration(before = PluggableAutoConfiguration.class,
		afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass(ObservationRegistry.class)
@ConditionalOnBean(ObservationRegistry.class)
public final class PluggableObservationAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	ObservationCallListener pluggableObservationCallListener(ObservationRegistry registry,
			ObjectProvider<CallObservationConvention> convention) {
		return new ObservationCallListener(registry, convention.getIfAvailable());
	}

	@Bean
	OpenSubscriptions pluggableOpenSubscriptions() {
		return new OpenSubscriptions();
	}

	/**
	 * What the listener needs for traces is asked for with the first message, because the
	 * host is created before most of the application.
	 */
	@Bean
	@ConditionalOnMissingBean(MessageListener.class)
	ObservationMessageListener pluggableObservationMessageListener(ObservationRegistry registry,
			ObjectProvider<MessageObservationConvention> convention, ObjectProvider<TraceFields> traceFields,
			ObjectProvider<CloudEventFormat> format, OpenSubscriptions subscriptions) {
		TraceFields fields = traceFields.getIfAvailable();
		return new ObservationMessageListener(registry, convention.getIfAvailable(),
				(fields != null) ? fields::current : Map::of, (payload) -> {
					CloudEventFormat events = format.getIfAvailable();
					return (events != null) ? events.attributes(payload) : Map.of();
				}, subscriptions::add);
	}

	/**
	 * Sends traces with messages.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Propagator.class)
	static class Tracing {

		@Bean
		TraceFields pluggableTraceFields(ObjectProvider<Tracer> tracer, ObjectProvider<Propagator> propagator) {
			return new TraceFields(tracer::getIfAvailable, propagator::getIfAvailable);
		}

	}

	/**
	 * Registers the meters of subscriptions.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(MeterBinder.class)
	static class Meters {

		@Bean
		SubscriptionMeters pluggableSubscriptionMeters(OpenSubscriptions subscriptions) {
			return new SubscriptionMeters(subscriptions);
		}

	}

}
