package dev.pluggable.sample.median;

import dev.pluggable.sample.proto.median.v1.DataSourceGrpc;
import dev.pluggable.sample.proto.median.v1.MedianProto;
import io.grpc.stub.StreamObserver;

/**
 * Serves prices to median plugins.
 */
final class DataSourceService extends DataSourceGrpc.DataSourceImplBase {

	private final PriceFeed feed;

	DataSourceService(PriceFeed feed) {
		this.feed = feed;
	}

	@Override
	public void observe(MedianProto.ObserveRequest request, StreamObserver<MedianProto.ObserveReply> response) {
		response.onNext(MedianProto.ObserveReply.newBuilder().setValue(this.feed.price()).build());
		response.onCompleted();
	}

}
