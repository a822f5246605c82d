package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"median/brokered"
	pb "median/medianpb"
)

// reportingPlugin implements ReportingPlugin. A query is a LatestTransmissionReply, an observation an ObserveReply.
type reportingPlugin struct {
	pb.UnimplementedReportingPluginServer
	factory      *factory
	configDigest []byte
	f            uint32
	object       *brokered.Object
}

func (p *reportingPlugin) Query(ctx context.Context, r *pb.QueryRequest) (*pb.QueryReply, error) {
	if err := p.check(r.Timestamp); err != nil {
		return nil, err
	}
	latest, err := p.factory.contractReader.LatestTransmission(ctx, &emptypb.Empty{})
	if err != nil {
		return nil, brokered.Failed("the contract's latest transmission", err)
	}
	query, err := proto.Marshal(latest)
	return &pb.QueryReply{Query: query}, err
}

func (p *reportingPlugin) Observation(ctx context.Context, r *pb.ObservationRequest) (*pb.ObservationReply, error) {
	if err := p.check(r.Timestamp); err != nil {
		return nil, err
	}
	reply, err := p.factory.dataSource.Observe(ctx, &pb.ObserveRequest{Timestamp: r.Timestamp})
	if err != nil {
		err = brokered.Failed("the data source", err)
		p.saveError(ctx, status.Convert(err).Message())
		return nil, err
	}
	observation, err := proto.Marshal(reply)
	return &pb.ObservationReply{Observation: observation}, err
}

func (p *reportingPlugin) Report(ctx context.Context, r *pb.ReportRequest) (*pb.ReportReply, error) {
	if err := p.check(r.Timestamp); err != nil {
		return nil, err
	}
	latest, err := latestReport(r.Query)
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "the query cannot be read")
	}
	type observation struct {
		value    int64
		observer uint32
	}
	var observations []observation
	for _, o := range r.Observations {
		reply := &pb.ObserveReply{}
		if err := proto.Unmarshal(o.Observation, reply); err != nil {
			p.saveError(ctx, fmt.Sprintf("the observation of oracle %d cannot be read", o.Observer))
			continue
		}
		observations = append(observations, observation{reply.Value, o.Observer})
	}
	if needed := 2*uint64(p.f) + 1; uint64(len(observations)) < needed {
		return nil, status.Errorf(codes.InvalidArgument, "there are %d observations and must be %d", len(observations), needed)
	}
	slices.SortFunc(observations, func(a, b observation) int {
		return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.observer, b.observer))
	})
	report := &pb.Report{Timestamp: r.Timestamp, Answer: observations[len(observations)/2].value}
	if latest != nil && latest.Answer == report.Answer {
		return &pb.ReportReply{}, nil
	}
	for _, o := range observations {
		report.Observers = append(report.Observers, o.observer)
	}
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(report)
	if err != nil {
		return nil, err
	}
	if _, err := p.factory.transmitter.Transmit(ctx, &pb.TransmitRequest{Report: data}); err != nil {
		return nil, brokered.Failed("the transmission", err)
	}
	return &pb.ReportReply{ShouldReport: true, Report: data}, nil
}

// WatchTransmissions passes on the provider's transmissions until the caller, the provider or this object ends.
func (p *reportingPlugin) WatchTransmissions(_ *emptypb.Empty, s grpc.ServerStreamingServer[pb.Transmission]) error {
	ctx, cancel := context.WithCancel(s.Context())
	defer cancel()
	defer context.AfterFunc(p.object.Context(), cancel)()
	transmissions, err := p.factory.contractReader.WatchTransmissions(ctx, &emptypb.Empty{})
	for err == nil {
		var t *pb.Transmission
		if t, err = transmissions.Recv(); err == nil {
			err = s.Send(t)
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case p.object.Context().Err() != nil:
		return status.Error(codes.Unavailable, "the reporting plugin has been closed")
	}
	return brokered.Failed("the contract's transmissions", err)
}

func (p *reportingPlugin) check(t *pb.ReportTimestamp) error {
	if !bytes.Equal(t.GetConfigDigest(), p.configDigest) {
		return status.Error(codes.InvalidArgument, "the timestamp is not of the configuration of this reporting plugin")
	}
	return nil
}

// saveError ignores its own failures, because the call that failed before matters more.
func (p *reportingPlugin) saveError(ctx context.Context, message string) {
	if _, err := p.factory.errorLog.SaveError(ctx, &pb.SaveErrorRequest{Message: message}); err != nil {
		p.factory.plugin.log.Warn("the error log failed", "error", err)
	}
}

// latestReport returns the report in a query; nil if nothing was transmitted.
func latestReport(query []byte) (*pb.Report, error) {
	latest := &pb.LatestTransmissionReply{}
	if err := proto.Unmarshal(query, latest); err != nil || latest.Transmission == nil {
		return nil, err
	}
	report := &pb.Report{}
	return report, proto.Unmarshal(latest.Transmission.Report, report)
}
