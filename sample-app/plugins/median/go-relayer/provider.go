package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"median/brokered"
	pb "median/medianpb"
)

// provider implements the three services of a contract.
type provider struct {
	pb.UnimplementedOffchainConfigDigesterServer
	pb.UnimplementedContractTransmitterServer
	pb.UnimplementedMedianContractServer
	relayer  *relayer
	id       string
	contract *contract
	object   *brokered.Object
}

// ConfigDigest hashes the parts, each after its length, so that different configurations have different digests.
func (p *provider) ConfigDigest(_ context.Context, r *pb.ContractConfig) (*pb.ConfigDigestReply, error) {
	hash := sha256.New()
	for _, part := range [][]byte{[]byte(p.relayer.network), []byte(p.id), r.OffchainConfig} {
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		hash.Write(part)
	}
	hash.Write(binary.BigEndian.AppendUint32(nil, r.F))
	return &pb.ConfigDigestReply{ConfigDigest: hash.Sum(nil)}, nil
}

func (p *provider) Transmit(ctx context.Context, r *pb.TransmitRequest) (*emptypb.Empty, error) {
	report := &pb.Report{}
	if err := proto.Unmarshal(r.Report, report); err != nil || report.Timestamp == nil {
		return nil, status.Error(codes.InvalidArgument, "the report cannot be read, or has no timestamp")
	}
	signature, err := sign(ctx, p.relayer.keystore, p.relayer.account, r.Report)
	if err != nil {
		return nil, err
	}
	err = p.contract.write(report.Timestamp,
		&pb.Transmission{Report: r.Report, Account: p.relayer.account, Signature: signature})
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}

func (p *provider) LatestTransmission(context.Context, *emptypb.Empty) (*pb.LatestTransmissionReply, error) {
	latest, _ := p.contract.read()
	return &pb.LatestTransmissionReply{Transmission: latest}, nil
}

// WatchTransmissions ends when the caller or the provider ends.
func (p *provider) WatchTransmissions(_ *emptypb.Empty, s grpc.ServerStreamingServer[pb.Transmission]) error {
	for {
		latest, changed := p.contract.read()
		if latest != nil {
			if err := s.Send(latest); err != nil {
				return err
			}
		}
		select {
		case <-changed:
		case <-s.Context().Done():
			return status.FromContextError(s.Context().Err()).Err()
		case <-p.object.Context().Done():
			return status.Error(codes.Unavailable, "the provider has been closed")
		}
	}
}
