package dev.pluggable.spring;

import java.nio.file.Path;
import java.util.function.Consumer;

import org.assertj.core.api.ThrowingConsumer;

import org.springframework.aot.test.generate.TestGenerationContext;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.context.aot.ApplicationContextAotGenerator;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.test.tools.TestCompiler;

/**
 * An application that is processed ahead of time, as for a native image.
 */
public final class AheadOfTime {

	private final Path folder;

	private final Class<?> application;

	private final TestPropertyValues properties;

	/**
	 * Create an application that is not processed yet.
	 * @param folder folder of the processing, and of the application's sockets
	 * @param application the configuration class
	 * @param properties properties of the application
	 */
	public AheadOfTime(Path folder, Class<?> application, String... properties) {
		this.folder = folder;
		this.application = application;
		this.properties = TestPropertyValues.of("pluggable.socket-folders=" + folder).and(properties);
	}

	/**
	 * Process the application as a build does, with the system property that Spring sets
	 * during the processing.
	 * @param duringBuild looks at the context before its end
	 * @return what was generated
	 */
	public TestGenerationContext build(Consumer<GenericApplicationContext> duringBuild) {
		AbstractAotProcessor.Settings settings = AbstractAotProcessor.Settings.builder()
			.sourceOutput(this.folder.resolve("sources"))
			.resourceOutput(this.folder.resolve("resources"))
			.classOutput(this.folder.resolve("classes"))
			.groupId("dev.pluggable")
			.artifactId("test")
			.build();
		return new AbstractAotProcessor<TestGenerationContext>(settings) {

			@Override
			protected TestGenerationContext doProcess() {
				try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
					AheadOfTime.this.properties.applyTo(context);
					context.register(AheadOfTime.this.application);
					TestGenerationContext generation = new TestGenerationContext();
					new ApplicationContextAotGenerator().processAheadOfTime(context, generation);
					generation.writeGeneratedContent();
					duringBuild.accept(context);
					return generation;
				}
			}

		}.process();
	}

	/**
	 * Compile what was generated, and create the context from it alone.
	 * @param built what was generated
	 * @param run refreshes and uses the context, which is closed afterwards
	 */
	public void run(TestGenerationContext built, ThrowingConsumer<GenericApplicationContext> run) {
		TestCompiler.forSystem().with(built).compile((compiled) -> {
			try (GenericApplicationContext context = new GenericApplicationContext()) {
				this.properties.applyTo(context);
				initializer(compiled.getInstance(ApplicationContextInitializer.class)).initialize(context);
				run.accept(context);
			}
		});
	}

	@SuppressWarnings("unchecked")
	private static ApplicationContextInitializer<GenericApplicationContext> initializer(
			ApplicationContextInitializer<?> initializer) {
		return (ApplicationContextInitializer<GenericApplicationContext>) initializer;
	}

}
