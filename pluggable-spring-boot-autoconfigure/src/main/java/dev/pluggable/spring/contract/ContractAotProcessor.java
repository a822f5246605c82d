package dev.pluggable.spring.contract;

import java.util.List;

import dev.pluggable.contract.ContractKind;
import dev.pluggable.contract.ContractObject;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;

/**
 * Lets a native image create the kinds of the beans that implement generated interfaces.
 */
class ContractAotProcessor implements BeanRegistrationAotProcessor {

	@Override
	public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
		Class<?> type = bean.getBeanClass();
		if (!ContractObject.class.isAssignableFrom(type)) {
			return null;
		}
		List<Class<? extends ContractKind<?>>> kinds = ContractKinds.of(type);
		return (generation,
				code) -> kinds.forEach((kind) -> generation.getRuntimeHints()
					.reflection()
					.registerType(kind, MemberCategory.INVOKE_DECLARED_CONSTRUCTORS));
	}

}
