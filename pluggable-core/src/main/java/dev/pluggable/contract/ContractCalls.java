package dev.pluggable.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

import dev.pluggable.ComponentClient;
import dev.pluggable.PluggableException;
import dev.pluggable.kind.ComponentCalls;
import dev.pluggable.remote.RemoteObject;
import dev.pluggable.remote.RemoteObjects;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;

/**
 * The calls of a generated proxy. Safe for use by many threads.
 *
 * @since 0.1.0
 */
public final class ContractCalls {

	private final ComponentClient client;

	private final ComponentCalls calls;

	private final ReferenceCalls referenceCalls;

	/**
	 * Create the calls to a component or an object.
	 * @param client access to the component or object
	 */
	public ContractCalls(ComponentClient client) {
		this.client = client;
		this.calls = new ComponentCalls(client, ComponentCalls.FailureTranslator.NONE);
		this.referenceCalls = new ReferenceCalls(client, this.calls);
	}

	/**
	 * Call a unary method and wait for its answer, as {@link ComponentCalls#unary} does.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method a unary method
	 * @param request the request
	 * @return the answer
	 * @throws PluggableException if the call fails
	 */
	public <Q, R> R unary(MethodDescriptor<Q, R> method, Q request) {
		return this.calls.unary(method, request);
	}

	/**
	 * Call a unary method that hands over objects, and wait for its answer. The call is
	 * made on one process, which gets the ids. If the request certainly was not sent, or
	 * if the {@code .proto} allows repetition, a lost call is made once more, with other
	 * ids.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method a unary method
	 * @param lifetime how long the plugin can use the objects
	 * @param request makes the request
	 * @return the answer
	 * @throws PluggableException if the call fails or an object cannot be handed over
	 */
	public <Q, R> R unary(MethodDescriptor<Q, R> method, Lifetime lifetime, RequestFactory<Q> request) {
		return this.referenceCalls.unary(method, lifetime, request);
	}

	/**
	 * Call a unary method without waiting, as {@link ComponentCalls#async} does.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method a unary method
	 * @param request the request
	 * @return completes with the answer, or fails with a {@link PluggableException}
	 */
	public <Q, R> CompletableFuture<R> async(MethodDescriptor<Q, R> method, Q request) {
		return this.calls.async(method, request);
	}

	/**
	 * Call a unary method that hands over objects, without waiting for its answer.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method a unary method
	 * @param lifetime how long the plugin can use the objects
	 * @param request makes the request, on any thread
	 * @return completes with the answer, or fails with a {@link PluggableException}
	 */
	public <Q, R> CompletableFuture<R> async(MethodDescriptor<Q, R> method, Lifetime lifetime,
			RequestFactory<Q> request) {
		return this.referenceCalls.async(method, lifetime, request);
	}

	/**
	 * Call a method that answers with a stream, and pull the answers one by one. The
	 * caller must close the stream unless it reads the stream to its end.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method a method with a stream of answers
	 * @param request the request
	 * @return the answers, which are waited for on the reading thread; reading throws a
	 * {@link PluggableException} if the call fails, and {@link Stream#close()} cancels
	 * the call
	 */
	public <Q, R> Stream<R> stream(MethodDescriptor<Q, R> method, Q request) {
		return this.calls.stream(method, request);
	}

	/**
	 * Call a method that answers with a stream, as {@link ComponentCalls#serverStream}
	 * does.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method a method with a stream of answers
	 * @param request the request
	 * @param answers receives the answers, on a thread that it must not block
	 * @return the call
	 */
	public <Q, R> ClientCallStreamObserver<Q> serverStream(MethodDescriptor<Q, R> method, Q request,
			StreamObserver<R> answers) {
		return this.calls.serverStream(method, request, answers);
	}

	/**
	 * Call a method that takes a stream, as {@link ComponentCalls#clientStream} does.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method a method with a stream of requests
	 * @param answer receives the answer, on a thread that it must not block
	 * @return receives the requests
	 */
	public <Q, R> ClientCallStreamObserver<Q> clientStream(MethodDescriptor<Q, R> method, StreamObserver<R> answer) {
		return this.calls.clientStream(method, answer);
	}

	/**
	 * Call a method with streams in both directions, as {@link ComponentCalls#bidiStream}
	 * does.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method a method with streams in both directions
	 * @param answers receives the answers, on a thread that it must not block
	 * @return receives the requests
	 */
	public <Q, R> ClientCallStreamObserver<Q> bidiStream(MethodDescriptor<Q, R> method, StreamObserver<R> answers) {
		return this.calls.bidiStream(method, answers);
	}

	/**
	 * Create an object in the plugin, in the background, and again whenever it is lost.
	 * Does not block. What the request hands over belongs to the object.
	 * @param <Q> request
	 * @param <R> answer
	 * @param <T> the interface of the object
	 * @param method the unary method that creates the object
	 * @param request makes the request, on a thread that may block
	 * @param id takes the id of the object from the answer
	 * @param kind the kind of the object
	 * @return a proxy, whose client is a {@link RemoteObject}
	 */
	public <Q, R, T extends ContractObject> T create(MethodDescriptor<Q, R> method, RequestFactory<Q> request,
			ToIntFunction<R> id, ContractKind<T> kind) {
		return kind.createProxy(RemoteObject.create(this.client, kind.name(), (creation) -> {
			GenerationReferences references = GenerationReferences.of(creation);
			return id.applyAsInt(ReferenceCalls.call(creation.channel(), method, request.create(references)));
		}));
	}

	/**
	 * Create several objects by one call, in the background, and all of them again
	 * whenever one is lost. Does not block. What the request hands over belongs to the
	 * objects.
	 * @param <Q> request
	 * @param <R> answer
	 * @param method the unary method that creates the objects
	 * @param request makes the request, on a thread that may block
	 * @param references the objects in the answer, at least one
	 * @return the objects in the same order, and the answer
	 */
	public <Q, R> CreatedObjects<R> createAll(MethodDescriptor<Q, R> method, RequestFactory<Q> request,
			List<? extends CreatedReference<R, ?>> references) {
		RemoteObjects<R> created = RemoteObjects.create(this.client,
				references.stream().map(CreatedReference::field).toList(),
				(creation) -> ReferenceCalls.call(creation.channel(), method,
						request.create(GenerationReferences.of(creation))),
				references.stream().<ToIntFunction<? super R>>map(CreatedReference::id).toList());
		List<ContractObject> objects = new ArrayList<>();
		for (int i = 0; i < references.size(); i++) {
			objects.add(references.get(i).kind().createProxy(created.objects().get(i)));
		}
		return new CreatedObjects<>(objects, created::answer);
	}

	/**
	 * Tell the plugin that an object is no longer needed, and close its connection. A
	 * component only hears of the end. Blocks for at most 2 seconds and throws nothing.
	 * @param <Q> request
	 * @param method the contract's method with the role {@code CLOSE}
	 * @param request its request
	 */
	public <Q> void close(MethodDescriptor<Q, ?> method, Q request) {
		Closing.close(this.client, method, request);
	}

	/**
	 * Close the connection of an object. Does nothing for a component.
	 */
	public void close() {
		Closing.close(this.client);
	}

}
