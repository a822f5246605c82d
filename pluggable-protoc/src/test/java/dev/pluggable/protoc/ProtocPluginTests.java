package dev.pluggable.protoc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests that protoc starts the generator as a program.
 */
@Timeout(120)
class ProtocPluginTests {

	@TempDir
	Path work;

	private Path sources;

	private Path output;

	@BeforeEach
	void createFolders() throws IOException {
		this.sources = Files.createDirectories(this.work.resolve("sources"));
		this.output = Files.createDirectories(this.work.resolve("output"));
	}

	private String protoc(String content) throws IOException {
		Files.writeString(this.sources.resolve("thing.proto"), content);
		Path program = this.work.resolve("protoc-gen-pluggable");
		Files.writeString(program,
				"#!/bin/sh\nexec '%s' -XX:TieredStopAtLevel=1 -cp '%s' %s\n".formatted(
						Path.of(System.getProperty("java.home"), "bin", "java"), JavaCompilation.CLASS_PATH,
						ProtocPlugin.class.getName()));
		Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
		String written = new Protoc(this.sources, this.work)
			.start(List.of("--plugin=protoc-gen-pluggable=" + program, "--pluggable_out=" + this.output));
		// Newer JDKs warn about a class of protobuf-java.
		return written.lines()
			.filter((line) -> !line.startsWith("WARNING: "))
			.map((line) -> line + "\n")
			.collect(Collectors.joining());
	}

	@Test
	void whenProtocRunsTheProgramThenTheContractIsWritten() throws IOException {
		assertThat(protoc("""
				edition = "2023";
				package test;
				option java_package = "org.test";
				service Thing { rpc Get(Message) returns (Message); }
				message Message { string text = 1 [features.field_presence = IMPLICIT]; }
				""")).isEqualTo("0\n");
		assertThat(this.output.resolve("org/test/Thing.java")).content().contains("public interface Thing");
		assertThat(this.output.resolve("org/test/ThingKind.java")).exists();
	}

	@Test
	void whenTheContractIsWrongThenProtocShowsTheFault() throws IOException {
		assertThat(protoc("""
				syntax = "proto3";
				package test;
				import "pluggable/contract.proto";
				service Thing { rpc Get(Message) returns (Message); }
				message Message {
				  optional string text = 1 [(pluggable.contract.v1.reference).object = "Thing"];
				}
				"""))
			.startsWith("1\n--pluggable_out: thing.proto:6:3: The field 'test.Message.text' cannot be a reference");
		assertThat(this.output).isEmptyDirectory();
	}

}
