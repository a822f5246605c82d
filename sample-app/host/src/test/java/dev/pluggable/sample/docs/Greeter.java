package dev.pluggable.sample.docs;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

interface Greeter {

	String greet(String name);

	CompletableFuture<String> greetLater(String name);

	CompletableFuture<Void> greetOften(String name, int times, Consumer<String> greetings);

}
