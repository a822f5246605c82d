package dev.pluggable.spring.server;

import dev.pluggable.ComponentFactory;
import dev.pluggable.ComponentKind;
import dev.pluggable.server.ComponentServer;

import org.springframework.beans.factory.BeanFactory;

/**
 * A bean that is served as a kind.
 *
 * @param <T> the kind's interface
 * @param bean name of the bean
 * @param kind the kind
 * @param factory whether the bean makes the instances, and is not one
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
	 * Cast the factory. {@link ServedBeans} has checked the type that the factory makes.
	 */
	@SuppressWarnings("unchecked")
	private ComponentFactory<? extends T> factory(BeanFactory beans) {
		return beans.getBean(this.bean, ComponentFactory.class);
	}

}
