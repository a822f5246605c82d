package dev.pluggable.host;

import java.util.List;
import java.util.Map;

import dev.pluggable.ComponentType;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link DeclarationValidator}.
 */
class DeclarationValidatorTests {

	@Test
	void whenDeclarationsAreValidThenEachComesAfterTheStoresThatItNeeds() {
		List<ComponentDeclaration> ordered = validate(store("a", "b"), store("b", "c"),
				declaration("c", "secretstores.x"));
		assertThat(ordered).extracting(ComponentDeclaration::name).containsExactly("c", "b", "a");
	}

	@Test
	void whenANameIsTakenOrReservedOrNoNameThenTheErrorSaysSo() {
		assertInvalid("'a': it is declared twice", declaration("a", "state.x"), declaration("a", "pubsub.x"));
		assertInvalid("this cannot be the name of a component", declaration("discovery", "state.x"));
		assertInvalid("this cannot be the name of a component", declaration("a b", "state.x"));
		assertInvalid("this is the name of a built-in component", declaration("in-memory.state", "state.x"));
	}

	@Test
	void whenANameIsAPartOfAnotherComponentThenTheErrorNamesBothWhateverTheirOrder() {
		ComponentDeclaration whole = declaration("mail", "bindings.x");
		ComponentDeclaration part = declaration("mail.input-bindings", "state.x");
		String message = "'mail.input-bindings': this is the name of a part of the component 'mail'";
		assertInvalid(message, whole, part);
		assertInvalid(message, part, whole);
	}

	@Test
	void whenThereIsNoKindOfATypeThenTheActionNamesTheKinds() {
		assertThatExceptionOfType(InvalidDeclarationException.class)
			.isThrownBy(() -> validate(declaration("a", "cache.x")))
			.withMessageContaining("there is no kind 'cache' (type 'cache.x')")
			.satisfies((ex) -> assertThat(ex.getAction()).contains("bindings", "pubsub", "state"));
	}

	private static void assertInvalid(String message, ComponentDeclaration... declarations) {
		assertThatExceptionOfType(InvalidDeclarationException.class).isThrownBy(() -> validate(declarations))
			.withMessageContaining(message);
	}

	private static List<ComponentDeclaration> validate(ComponentDeclaration... declarations) {
		return DeclarationValidator.validate(List.of(declarations), BuiltInKinds.ALL);
	}

	private static ComponentDeclaration store(String name, String needs) {
		return declaration(name, "secretstores.x").withSecrets(Map.of("key", SecretReference.of(needs, null, "key")));
	}

	private static ComponentDeclaration declaration(String name, String type) {
		return new ComponentDeclaration(name, ComponentType.of(type), false, Map.of(),
				HostSettings.defaultComponentSettings());
	}

}
