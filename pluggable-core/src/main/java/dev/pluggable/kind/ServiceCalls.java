package dev.pluggable.kind;

import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.pluggable.CallFailure;
import dev.pluggable.ComponentInstances;
import dev.pluggable.ComponentUnavailableException;
import dev.pluggable.ErrorDetail;
import dev.pluggable.InvalidRequestException;
import dev.pluggable.PluggableException;
import dev.pluggable.UnsupportedOperationByComponentException;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the services of all kinds answer, as {@link ComponentCalls} is how their proxies
 * call: the instance that the call is for does the work, and what it throws becomes a
 * status. Safe for use by many threads.
 * <p>
 * Internal: public for the kinds of this module, not for applications.
 *
 * @param <T> the kind's interface
 * @since 0.1.0
 */
public final class ServiceCalls<T> {

	private static final Logger logger = LoggerFactory.getLogger(ServiceCalls.class);

	private static final String TYPE_URL_PREFIX = "type.googleapis.com/";

	/**
	 * Longest message that is sent. It is sent up to three times, in trailers that a
	 * client takes up to 8 KiB of, and each character can become nine bytes.
	 */
	private static final int MAX_MESSAGE_LENGTH = 400;

	private final String kind;

	private final ComponentInstances<T> instances;

	private final ErrorTranslator translator;

	/**
	 * Answers of one kind.
	 * @param kind name of the kind as it is put into a sentence, such as
	 * {@code state store}
	 * @param instances the implementations
	 * @param translator knows the errors of the kind
	 */
	public ServiceCalls(String kind, ComponentInstances<T> instances, ErrorTranslator translator) {
		this.kind = kind;
		this.instances = instances;
		this.translator = translator;
	}

	/**
	 * Answer {@code Init}.
	 * @param <R> response
	 * @param metadata what the caller sent
	 * @param response the answer if it succeeds
	 * @param observer takes the answer
	 */
	public <R> void initialize(Map<String, String> metadata, R response, StreamObserver<R> observer) {
		initialize(metadata, response, observer, () -> {
		});
	}

	/**
	 * Answer {@code Init}.
	 * @param <R> response
	 * @param metadata what the caller sent
	 * @param response the answer if it succeeds
	 * @param observer takes the answer
	 * @param initialized what follows from success, before it is answered
	 */
	public <R> void initialize(Map<String, String> metadata, R response, StreamObserver<R> observer,
			Runnable initialized) {
		try {
			this.instances.initialize(metadata);
			initialized.run();
		}
		catch (Exception ex) {
			observer.onError(toStatus("Init", ex));
			return;
		}
		observer.onNext(response);
		observer.onCompleted();
	}

	/**
	 * Answer a unary call.
	 * @param <R> response
	 * @param operation name of the method, for errors
	 * @param observer takes the answer
	 * @param work what the instance does
	 */
	public <R> void answer(String operation, StreamObserver<R> observer, Function<T, R> work) {
		T instance = current(observer);
		if (instance == null) {
			return;
		}
		R response;
		try {
			response = work.apply(instance);
		}
		catch (RuntimeException ex) {
			observer.onError(toStatus(operation, ex));
			return;
		}
		observer.onNext(response);
		observer.onCompleted();
	}

	/**
	 * The instance that the current call is for. Without one, the call ends with an
	 * error.
	 * @param observer takes the error
	 * @return the instance, {@code null} if {@code Init} was not called for it
	 */
	public @Nullable T current(StreamObserver<?> observer) {
		try {
			return this.instances.current();
		}
		catch (IllegalStateException ex) {
			observer.onError(status(Status.Code.FAILED_PRECONDITION,
					"The " + this.kind + " is not initialised: Init was not called"));
			return null;
		}
	}

	/**
	 * Whether an instance is still the one that a call is for: another {@code Init}
	 * replaces it.
	 * @param call context of the call
	 * @param instance the instance
	 * @return whether it is
	 */
	public boolean isCurrent(Context call, T instance) {
		Context before = call.attach();
		try {
			return this.instances.current() == instance;
		}
		catch (IllegalStateException ex) {
			return false;
		}
		finally {
			call.detach(before);
		}
	}

	/**
	 * The status for what an implementation threw.
	 * @param operation what it was asked to do
	 * @param ex what it threw
	 * @return the status with its details
	 */
	public StatusRuntimeException toStatus(String operation, Throwable ex) {
		if (!(ex instanceof PluggableException known)) {
			logger.warn("{} of a served {} failed", operation, this.kind, ex);
			return status(Status.Code.INTERNAL, operation + " failed: " + ex.getClass().getName());
		}
		CallFailure failure = known.getFailure();
		String message = abbreviate(
				(failure != null) ? failure.description() : Objects.requireNonNullElse(ex.getMessage(), ""));
		if (failure != null && failure.kitError() != null) {
			return same(failure);
		}
		StatusRuntimeException translated = this.translator.translate(known, message);
		if (translated != null) {
			return translated;
		}
		if (failure != null) {
			return same(failure);
		}
		if (ex instanceof InvalidRequestException) {
			return status(Status.Code.INVALID_ARGUMENT, message);
		}
		if (ex instanceof UnsupportedOperationByComponentException) {
			return status(Status.Code.UNIMPLEMENTED, message);
		}
		if (ex instanceof ComponentUnavailableException) {
			return status(Status.Code.UNAVAILABLE, message);
		}
		logger.warn("{} of a served {} failed", operation, this.kind, ex);
		return status(Status.Code.INTERNAL, message);
	}

	/**
	 * Make a request of what came over the wire. What the record refuses is the caller's
	 * mistake here, and not one in this process.
	 * @param <Q> the record
	 * @param request makes the record
	 * @return the record
	 * @throws InvalidRequestException if the record refuses
	 */
	public static <Q> Q valid(Supplier<Q> request) {
		try {
			return request.get();
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidRequestException(String.valueOf(ex.getMessage()));
		}
	}

	/**
	 * A status with details.
	 * @param code its code
	 * @param message its message
	 * @param details its details
	 * @return the status
	 */
	public static StatusRuntimeException status(Status.Code code, String message, Message... details) {
		com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
			.setCode(code.value())
			.setMessage(message);
		for (Message detail : details) {
			status.addDetails(Any.pack(detail));
		}
		return StatusProto.toStatusRuntimeException(status.build());
	}

	private static String abbreviate(String message) {
		if (message.length() <= MAX_MESSAGE_LENGTH) {
			return message;
		}
		int end = MAX_MESSAGE_LENGTH - 3;
		return message.substring(0, Character.isHighSurrogate(message.charAt(end - 1)) ? end - 1 : end) + "...";
	}

	/**
	 * The status of a component behind the implementation, with the details that it sent.
	 */
	private static StatusRuntimeException same(CallFailure failure) {
		com.google.rpc.Status.Builder status = com.google.rpc.Status.newBuilder()
			.setCode(failure.code().value())
			.setMessage(failure.description());
		for (ErrorDetail detail : failure.details()) {
			status.addDetails(Any.newBuilder()
				.setTypeUrl(TYPE_URL_PREFIX + detail.typeName())
				.setValue(ByteString.copyFrom(detail.value())));
		}
		return StatusProto.toStatusRuntimeException(status.build());
	}

	/**
	 * Turns the exceptions that mean something particular in one kind into statuses.
	 */
	@FunctionalInterface
	public interface ErrorTranslator {

		/**
		 * For kinds that have no errors of their own.
		 */
		ErrorTranslator NONE = (ex, message) -> null;

		/**
		 * Translate an exception.
		 * @param ex what the implementation threw
		 * @param message its message, short enough to be sent
		 * @return the status, {@code null} to go by the class of the exception
		 */
		@Nullable StatusRuntimeException translate(PluggableException ex, String message);

	}

}
