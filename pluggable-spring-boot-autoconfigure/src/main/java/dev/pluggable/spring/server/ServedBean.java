package dev.pluggable.spring.server;

import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentKind;
import dev.pluggable.server.ComponentServer;

import org.springframework.beans.factory.BeanFactory;

/**
 * A bean that the application serves as one kind of component.
 *
 * @param <T> the interface of the kind
 * @param bean name of the bean
 * @param kind the kind
 * @param factory whether the bean is a factory of component instances
 */
record ServedBean<T>(String bean, ComponentKind<T> kind, boolean factory) {

	void addTo(ComponentServer.Builder builder, BeanFactory beans) {
		if (this.factory) {
			builder.serve(this.kind, factory(beans));
		}
		else {
			builder.serveInstance(this.kind, beans.getBean(this.bean, this.kind.type()));
		}
	}

	/**
	 * Return the factory bean. {@link ServedBeans} has checked the type argument of the
	 * factory in the bean definition.
	 */
	@SuppressWarnings("unchecked")
	private ComponentFactory<? extends T> factory(BeanFactory beans) {
		return beans.getBean(this.bean, ComponentFactory.class);
	}

}
