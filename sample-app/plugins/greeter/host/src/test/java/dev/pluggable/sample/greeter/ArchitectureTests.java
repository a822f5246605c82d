package dev.pluggable.sample.greeter;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.pluggable.fixtures.InternalPackages;

/**
 * The rule for each module besides the core.
 */
@AnalyzeClasses(packages = "dev.pluggable.sample.greeter")
class ArchitectureTests {

	@ArchTest
	static final ArchRule internalPackagesAreNotUsed = InternalPackages.ARE_NOT_USED;

}
