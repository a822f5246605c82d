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
 * Marks a bean that other processes can use as a component. The application serves the
 * bean on a Unix domain socket. The bean is one of the following.
 * <ul>
 * <li>A singleton that implements the interface of one or several {@link ComponentKind
 * kinds}. All components that hosts declare on the socket share this object. The object
 * does not receive the metadata of the components.</li>
 * <li>A {@link ComponentFactory}. The factory receives the name and the metadata of each
 * component that hosts declare, and creates an object for the component. The type
 * argument of the bean determines the kinds of the objects. The server closes objects
 * that are {@link AutoCloseable}.</li>
 * </ul>
 * Beans of different kinds with the same name share a socket. The annotation works on
 * bean methods and on classes. On a class, the annotation is a stereotype for component
 * scanning.
 *
 * @since 0.1.0
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Component
public @interface PluggableComponent {

	/**
	 * Name of the socket, without {@code .sock}. Hosts use the name as the implementation
	 * in the type of a component, such as {@code orders} in {@code state.orders}. The
	 * name consists of letters, digits, {@code .}, {@code _} and {@code -}, and begins
	 * with a letter or digit. The name may contain placeholders.
	 * @return the name, or an empty string to use the property
	 * {@code pluggable.server.name}
	 */
	String name() default "";

}
