package dev.pluggable.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.pluggable.ComponentKind;
import dev.pluggable.internal.support.Names;

/**
 * Checks the declarations of an application against each other and against the kinds.
 */
final class DeclarationValidator {

	private final List<ComponentKind<?>> kinds;

	private final Map<String, ComponentDeclaration> byName = new LinkedHashMap<>();

	private DeclarationValidator(List<ComponentKind<?>> kinds) {
		this.kinds = kinds;
	}

	/**
	 * Check all declarations.
	 * @return the declarations in an order in which each comes after the secret stores
	 * that it needs
	 * @throws InvalidDeclarationException if a declaration cannot be met
	 */
	static List<ComponentDeclaration> validate(List<ComponentDeclaration> declarations, List<ComponentKind<?>> kinds) {
		DeclarationValidator validator = new DeclarationValidator(kinds);
		declarations.forEach(validator::checkName);
		declarations.forEach(validator::checkIds);
		declarations.forEach(validator::checkKind);
		declarations.forEach(validator::checkSecrets);
		return validator.inOrder();
	}

	private void checkName(ComponentDeclaration declaration) {
		String name = declaration.name();
		if (this.byName.put(name, declaration) != null) {
			throw new InvalidDeclarationException(declaration, "it is declared twice", "Use another name for one.");
		}
		if (!Names.isFreeName(name)) {
			throw new InvalidDeclarationException(declaration, "this cannot be the name of a component",
					"Use another name: " + Names.RULE + ", and do not use '" + Names.RESERVED
							+ "', which health uses for something else.");
		}
	}

	/**
	 * The id of a component is its name, or its name and its kind. No two components may
	 * have the same id.
	 */
	private void checkIds(ComponentDeclaration declaration) {
		String name = declaration.name();
		for (ComponentKind<?> kind : this.kinds) {
			if (name.equals(ComponentKind.IN_MEMORY + "." + kind.name())) {
				throw new InvalidDeclarationException(declaration, "this is the name of a built-in component",
						"Use another name.");
			}
			if (kind.typePrefix().equals(kind.name())) {
				continue;
			}
			for (ComponentDeclaration other : this.byName.values()) {
				if (kind.typePrefix().equals(other.type().kind()) && name.equals(other.name() + "." + kind.name())) {
					throw new InvalidDeclarationException(declaration, "this is the name of a part of the component '"
							+ other.name() + "', which can have several kinds", "Use another name for one.");
				}
			}
		}
	}

	private void checkKind(ComponentDeclaration declaration) {
		Set<String> prefixes = new TreeSet<>(this.kinds.stream().map(ComponentKind::typePrefix).toList());
		if (!prefixes.contains(declaration.type().kind())) {
			throw new InvalidDeclarationException(declaration,
					"there is no kind '" + declaration.type().kind() + "' (type '" + declaration.type() + "')",
					"Use a type of the form <kind>.<implementation>, where the kind is one of " + prefixes + ".");
		}
	}

	private void checkSecrets(ComponentDeclaration declaration) {
		declaration.secrets().forEach((key, reference) -> {
			String secret = "metadata '" + key + "' comes from the secret store '" + reference.store() + "'";
			if (declaration.metadata().containsKey(key)) {
				throw new InvalidDeclarationException(declaration, secret + ", but is set to a value as well",
						"Remove one of the two.");
			}
			ComponentDeclaration store = this.byName.get(reference.store());
			if (store == null) {
				throw new InvalidDeclarationException(declaration, secret + ", which is not declared",
						"Declare the store, with a type that begins with '" + SecretReferences.TYPE_PREFIX
								+ ".', or use one of those that are declared: " + stores() + ".");
			}
			if (!isStore(store)) {
				throw new InvalidDeclarationException(declaration,
						secret + ", which is no secret store (type '" + store.type() + "')",
						"Use one of the secret stores that are declared: " + stores() + ".");
			}
		});
	}

	private static boolean isStore(ComponentDeclaration declaration) {
		return declaration.type().kind().equals(SecretReferences.TYPE_PREFIX);
	}

	private Set<String> stores() {
		Set<String> names = new TreeSet<>();
		this.byName.values()
			.stream()
			.filter(DeclarationValidator::isStore)
			.forEach((declaration) -> names.add(declaration.name()));
		return names;
	}

	private List<ComponentDeclaration> inOrder() {
		Set<ComponentDeclaration> ordered = new LinkedHashSet<>();
		// In alphabetical order, so that the same mistake always has the same message.
		new TreeMap<>(this.byName).values().forEach((declaration) -> visit(declaration, new ArrayList<>(), ordered));
		return List.copyOf(ordered);
	}

	private void visit(ComponentDeclaration declaration, List<String> path, Set<ComponentDeclaration> ordered) {
		if (ordered.contains(declaration)) {
			return;
		}
		int known = path.indexOf(declaration.name());
		path.add(declaration.name());
		if (known >= 0) {
			throw new InvalidDeclarationException(declaration,
					"secret stores wait for secrets of each other: "
							+ String.join(" -> ", path.subList(known, path.size())),
					"Take the secrets of one of them from a store that waits for none of the others, such as one in "
							+ "the environment or in a file.");
		}
		for (String store : SecretReferences.storesOf(declaration)) {
			visit(Objects.requireNonNull(this.byName.get(store)), path, ordered);
		}
		path.remove(path.size() - 1);
		ordered.add(declaration);
	}

}
