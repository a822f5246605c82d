package dev.pluggable.spring.plugin;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.grpc.BindableService;

import org.springframework.stereotype.Component;

/**
 * A bean that is a gRPC service, a singleton {@link BindableService}, which the
 * application offers to the plugins that it launches. It is offered under the full name
 * of its service, and a plugin reaches it only when it was given the number of a
 * connection for it. On a class, this is a stereotype for component scanning; it can also
 * be on a bean method.
 *
 * @since 0.1.0
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Component
public @interface HostService {

}
