package dev.pluggable.spring.server;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentKind;

import org.springframework.stereotype.Component;

/**
 * A bean that other processes can use as a component: it is served on a Unix domain
 * socket. The bean is one of these.
 * <ul>
 * <li>A singleton that implements the interface of one or several {@link ComponentKind
 * kinds}. It is the same object for all components that hosts declare on the socket, and
 * does not see their metadata.</li>
 * <li>A {@link ComponentFactory}. It makes an object for each component that hosts
 * declare, with the name and the metadata of that component. The type argument of its
 * bean says which kinds its objects are of; they are closed if they are
 * {@link AutoCloseable}.</li>
 * </ul>
 * Beans of different kinds with the same name share a socket. On a class, this is a
 * stereotype for component scanning; it can also be on a bean method.
 *
 * @since 0.1.0
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Component
public @interface PluggableComponent {

	/**
	 * Name of the socket, without {@code .sock}: what hosts call the implementation, such
	 * as {@code orders} in the type {@code state.orders}. Letters, digits, {@code .},
	 * {@code _} and {@code -}, beginning with a letter or digit; may have placeholders.
	 * @return the name, empty to take the property {@code pluggable.server.name}
	 */
	String name() default "";

}
