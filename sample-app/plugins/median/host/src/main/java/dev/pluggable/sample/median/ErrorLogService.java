package dev.pluggable.sample.median;

import com.google.protobuf.Empty;
import dev.pluggable.sample.proto.median.v1.ErrorLogGrpc;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import io.grpc.stub.StreamObserver;

/**
 * Serves the error log to median plugins.
 */
final class ErrorLogService extends ErrorLogGrpc.ErrorLogImplBase {

	private final ErrorLog errorLog;

	ErrorLogService(ErrorLog errorLog) {
		this.errorLog = errorLog;
	}

	@Override
	public void saveError(MedianProto.SaveErrorRequest request, StreamObserver<Empty> response) {
		this.errorLog.add(request.getMessage());
		response.onNext(Empty.getDefaultInstance());
		response.onCompleted();
	}

}
