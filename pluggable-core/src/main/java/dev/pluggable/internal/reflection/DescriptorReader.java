package dev.pluggable.internal.reflection;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.pluggable.internal.support.LogText;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files that describe services, on one reflection stream: first the file of
 * each service, and then the imports that the server has not sent. If an import is
 * missing or has a name that the server does not know, the file is asked for by the types
 * that are needed from it. The server is not trusted: the number of questions and files
 * and the size of the answers are limited. Used once.
 */
final class DescriptorReader extends ClientCall.Listener<ServerReflectionResponse> {

	/**
	 * Largest size of all answers together, in bytes.
	 */
	static final int MAX_BYTES = 4 * 1024 * 1024;

	/**
	 * Most files that describe the services of one server.
	 */
	static final int MAX_FILES = 500;

	private static final int MAX_QUESTIONS = 1000;

	private static final int MAX_TEXT = 200;

	private final DescriptorFiles files;

	private final CompletableFuture<DescriptorFiles> future = new CompletableFuture<>();

	private final Deque<Question> questions = new ArrayDeque<>();

	/**
	 * The symbols that were asked for.
	 */
	private final Set<String> symbols = new HashSet<>();

	private @Nullable ClientCall<ServerReflectionRequest, ServerReflectionResponse> call;

	private @Nullable Question asked;

	private int count;

	private long bytes;

	/**
	 * Create a reader.
	 * @param services full names of services
	 */
	DescriptorReader(Set<String> services) {
		this.files = new DescriptorFiles(services);
		for (String service : this.files.services()) {
			askForSymbol(service, (file, failure) -> {
				if (failure != null) {
					this.files.undescribed(service, failure);
				}
			});
		}
	}

	/**
	 * Ask the questions.
	 * @return completes with the files, on the executor of the channel, or fails with the
	 * status of the stream
	 */
	CompletableFuture<DescriptorFiles> read(Channel channel,
			MethodDescriptor<ServerReflectionRequest, ServerReflectionResponse> method) {
		ClientCall<ServerReflectionRequest, ServerReflectionResponse> call = channel.newCall(method,
				CallOptions.DEFAULT.withMaxInboundMessageSize(MAX_BYTES));
		this.call = call;
		call.start(this, new Metadata());
		next(call);
		return this.future;
	}

	private void askForSymbol(String symbol, BiConsumer<@Nullable String, @Nullable String> answer) {
		this.symbols.add(symbol);
		this.questions
			.add(new Question(ServerReflectionRequest.newBuilder().setFileContainingSymbol(symbol).build(), answer));
	}

	private void next(ClientCall<ServerReflectionRequest, ServerReflectionResponse> call) {
		if (this.questions.isEmpty()) {
			askForImports();
		}
		if (this.questions.isEmpty()) {
			askForTypes();
		}
		Question question = this.questions.poll();
		this.asked = question;
		if (question == null) {
			call.halfClose();
			call.request(1);
			this.future.complete(this.files);
		}
		else if (++this.count > MAX_QUESTIONS) {
			throw tooMuch("needs more than " + MAX_QUESTIONS + " questions");
		}
		else {
			call.request(1);
			call.sendMessage(question.request());
		}
	}

	private void askForImports() {
		for (String imported : this.files.unresolvedImports()) {
			this.questions.add(new Question(ServerReflectionRequest.newBuilder().setFileByFilename(imported).build(),
					(file, failure) -> {
						if (file != null) {
							this.files.alias(imported, file);
						}
						else {
							this.files.missing(imported, String.valueOf(failure));
						}
					}));
		}
	}

	private void askForTypes() {
		for (String type : this.files.unresolvedTypes()) {
			if (!this.symbols.contains(type)) {
				// The file that defines the type is found by its types later.
				askForSymbol(type, (file, failure) -> {
				});
			}
		}
	}

	@Override
	public void onMessage(ServerReflectionResponse response) {
		ClientCall<ServerReflectionRequest, ServerReflectionResponse> call = this.call;
		Question question = this.asked;
		if (call == null || question == null || this.future.isDone()) {
			return;
		}
		try {
			answered(question, response);
			next(call);
		}
		catch (RuntimeException | StackOverflowError ex) {
			this.future.completeExceptionally(ex);
			call.cancel("The descriptors cannot be read", ex);
		}
	}

	private void answered(Question question, ServerReflectionResponse response) {
		if (!response.hasFileDescriptorResponse()) {
			String message = LogText.oneLine(response.getErrorResponse().getErrorMessage(), MAX_TEXT);
			question.answer()
				.accept(null, message.isEmpty() ? "the server does not know it" : "the server says: " + message);
			return;
		}
		for (ByteString file : response.getFileDescriptorResponse().getFileDescriptorProtoList()) {
			this.bytes += file.size();
		}
		if (this.bytes > MAX_BYTES) {
			throw tooMuch("has more than " + MAX_BYTES + " bytes");
		}
		try {
			String first = this.files.add(response.getFileDescriptorResponse().getFileDescriptorProtoList());
			question.answer().accept(first, null);
		}
		catch (InvalidProtocolBufferException ex) {
			question.answer().accept(null, "the server sent no descriptor: " + ex.getMessage());
		}
		if (this.files.size() > MAX_FILES) {
			throw tooMuch("has more than " + MAX_FILES + " files");
		}
	}

	private static RuntimeException tooMuch(String what) {
		return Status.RESOURCE_EXHAUSTED.withDescription("The description of the services " + what)
			.asRuntimeException();
	}

	@Override
	public void onClose(Status status, Metadata trailers) {
		Status failure = status.isOk() ? Status.INTERNAL.withDescription("Reflection ended without an answer") : status;
		this.future.completeExceptionally(failure.asRuntimeException(trailers));
	}

	/**
	 * A question.
	 *
	 * @param request the question
	 * @param answer receives the name of the file that was asked for, or else the reason
	 * why there is none
	 */
	private record Question(ServerReflectionRequest request, BiConsumer<@Nullable String, @Nullable String> answer) {
	}

}
