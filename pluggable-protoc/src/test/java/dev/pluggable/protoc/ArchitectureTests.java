package dev.pluggable.protoc;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.pluggable.fixtures.PublicTypes;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * Checks the rules of this module: the list of public types, and that the generator runs
 * without what the generated code needs.
 */
@AnalyzeClasses(packages = "dev.pluggable.protoc", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	@ArchTest
	static final ArchRule theGeneratorNeedsProtobufOnly = noClasses().should()
		.dependOnClassesThat()
		.resideOutsideOfPackages("dev.pluggable.protoc..", "dev.pluggable.proto.contract..", "com.google.protobuf..",
				"org.jspecify..", "java..", "javax.lang.model..");

	@ArchTest
	static void publicTypesAreListed(JavaClasses classes) {
		PublicTypes.assertListed();
	}

}
