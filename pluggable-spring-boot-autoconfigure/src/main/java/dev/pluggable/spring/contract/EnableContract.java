package dev.pluggable.spring.contract;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import dev.pluggable.contract.ContractObject;

import org.springframework.context.annotation.Import;

/**
 * Registers the kinds of generated interfaces, so that components of these kinds can be
 * declared, are discovered, and are injected. Only interfaces of which components exist
 * need it: the kind of an object that a call creates is known anyway. <pre>{@code
 * &#64;SpringBootApplication
 *

&#64;EnableContract(Greeter.class)
 * class GreeterApplication {
 * }
 * }</pre>
 * <p>
 * If the contract has a call that initialises, the application defines a bean of the
 * generated type {@code Initializer}.
 *
 * @since 0.1.0
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Repeatable(EnableContracts.class)
@Import(ContractRegistrar.class)
public @interface EnableContract {

	/**
	 * The generated interfaces.
	 * @return interfaces with {@link dev.pluggable.contract.Contract @Contract}
	 */
	Class<? extends ContractObject>[] value();

}
