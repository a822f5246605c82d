package dev.pluggable.sample.median;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

import com.google.protobuf.Empty;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.pluggable.fixtures.GoPluginMain;
import dev.pluggable.fixtures.PluginSideBroker;
import dev.pluggable.sample.proto.median.v1.ContractTransmitterGrpc;
import dev.pluggable.sample.proto.median.v1.DataSourceGrpc;
import dev.pluggable.sample.proto.median.v1.MedianContractGrpc;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import dev.pluggable.sample.proto.median.v1.PluginMedianGrpc;
import dev.pluggable.sample.proto.median.v1.ReportingPluginFactoryGrpc;
import dev.pluggable.sample.proto.median.v1.ReportingPluginGrpc;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;

/**
 * A median plugin in Java with the calls of the flow, for tests without another
 * toolchain.
 */
final class JavaMedianMain extends PluginMedianGrpc.PluginMedianImplBase {

	private final PluginSideBroker broker = JavaRelayerMain.broker();

	private JavaMedianMain() {
	}

	public static void main(String[] arguments) throws Exception {
		JavaMedianMain plugin = new JavaMedianMain();
		GoPluginMain.run(arguments, (builder) -> builder.addService(plugin.broker).addService(plugin));
	}

	@Override
	public void newMedianFactory(MedianProto.NewMedianFactoryRequest request,
			StreamObserver<MedianProto.NewMedianFactoryReply> response) {
		Channel provider = this.broker.dial(request.getProviderId());
		Channel dataSource = this.broker.dial(request.getDataSourceId());
		this.broker.dial(request.getErrorLogId());
		int id = this.broker.serve(JavaRelayerMain.service(), new Factory(provider, dataSource).bindService()).id();
		response.onNext(MedianProto.NewMedianFactoryReply.newBuilder().setReportingPluginFactoryId(id).build());
		response.onCompleted();
	}

	private final class Factory extends ReportingPluginFactoryGrpc.ReportingPluginFactoryImplBase {

		private final Channel provider;

		private final Channel dataSource;

		Factory(Channel provider, Channel dataSource) {
			this.provider = provider;
			this.dataSource = dataSource;
		}

		@Override
		public void newReportingPlugin(MedianProto.NewReportingPluginRequest request,
				StreamObserver<MedianProto.NewReportingPluginReply> response) {
			int id = JavaMedianMain.this.broker.serve(JavaRelayerMain.service(), new Reporting(this).bindService())
				.id();
			response.onNext(MedianProto.NewReportingPluginReply.newBuilder().setReportingPluginId(id).build());
			response.onCompleted();
		}

	}

	private static final class Reporting extends ReportingPluginGrpc.ReportingPluginImplBase {

		private final Factory factory;

		Reporting(Factory factory) {
			this.factory = factory;
		}

		@Override
		public void query(MedianProto.QueryRequest request, StreamObserver<MedianProto.QueryReply> response) {
			answer(response,
					() -> MedianProto.QueryReply.newBuilder()
						.setQuery(MedianContractGrpc.newBlockingStub(this.factory.provider)
							.latestTransmission(Empty.getDefaultInstance())
							.toByteString())
						.build());
		}

		@Override
		public void observation(MedianProto.ObservationRequest request,
				StreamObserver<MedianProto.ObservationReply> response) {
			answer(response, () -> MedianProto.ObservationReply.newBuilder()
				.setObservation(DataSourceGrpc.newBlockingStub(this.factory.dataSource)
					.observe(MedianProto.ObserveRequest.newBuilder().setTimestamp(request.getTimestamp()).build())
					.toByteString())
				.build());
		}

		@Override
		public void report(MedianProto.ReportRequest request, StreamObserver<MedianProto.ReportReply> response) {
			answer(response, () -> report(request));
		}

		private MedianProto.ReportReply report(MedianProto.ReportRequest request)
				throws InvalidProtocolBufferException {
			long[] values = new long[request.getObservationsCount()];
			for (int i = 0; i < values.length; i++) {
				values[i] = MedianProto.ObserveReply.parseFrom(request.getObservations(i).getObservation()).getValue();
			}
			List<Integer> observers = IntStream.range(0, values.length)
				.boxed()
				.sorted(Comparator.comparing((observer) -> values[observer]))
				.toList();
			MedianProto.Report report = MedianProto.Report.newBuilder()
				.setTimestamp(request.getTimestamp())
				.setAnswer(values[observers.get(values.length / 2)])
				.addAllObservers(observers)
				.build();
			ContractTransmitterGrpc.newBlockingStub(this.factory.provider)
				.transmit(MedianProto.TransmitRequest.newBuilder().setReport(report.toByteString()).build());
			return MedianProto.ReportReply.newBuilder().setShouldReport(true).setReport(report.toByteString()).build();
		}

		@Override
		public void watchTransmissions(Empty request, StreamObserver<MedianProto.Transmission> response) {
			MedianContractGrpc.newStub(this.factory.provider).watchTransmissions(request, response);
		}

		private static <R> void answer(StreamObserver<R> response, Answer<R> answer) {
			R message;
			try {
				message = answer.get();
			}
			catch (StatusRuntimeException ex) {
				response.onError(ex);
				return;
			}
			catch (InvalidProtocolBufferException ex) {
				response.onError(Status.INVALID_ARGUMENT.withCause(ex).asRuntimeException());
				return;
			}
			response.onNext(message);
			response.onCompleted();
		}

	}

	/**
	 * Computes the answer of a call.
	 *
	 * @param <R> type of the answer
	 */
	@FunctionalInterface
	private interface Answer<R> {

		R get() throws InvalidProtocolBufferException;

	}

}
