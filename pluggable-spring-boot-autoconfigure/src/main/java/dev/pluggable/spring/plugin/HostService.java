package dev.pluggable.spring.plugin;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import io.grpc.BindableService;

import org.springframework.stereotype.Component;

/**
 * Marks a gRPC service that the application offers to the plugins it launches. The bean
 * must be a singleton, and a {@link BindableService} or an implementation of a generated
 * interface ({@link dev.pluggable.contract.Contract}). The full name of the gRPC service
 * identifies the service. A plugin reaches the service only after the application has
 * passed the id of a broker connection for the service to the plugin. On a class, the
 * annotation is also a stereotype for component scanning. On a bean method, the
 * annotation marks the bean.
 *
 * @since 0.1.0
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Component
public @interface HostService {

}
