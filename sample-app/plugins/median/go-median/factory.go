package main

import (
	"context"
	"io"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"median/brokered"
	pb "median/medianpb"
)

// medianPlugin implements the service on the main connection, from the start of the process.
type medianPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	pb.UnimplementedPluginMedianServer
	log       hclog.Logger
	broker    *plugin.GRPCBroker
	factories brokered.Objects // by contract
}

// NewMedianFactory dials the services of the host and serves a factory, which owns the connections.
func (p *medianPlugin) NewMedianFactory(_ context.Context, r *pb.NewMedianFactoryRequest) (*pb.NewMedianFactoryReply, error) {
	if r.ContractId == "" {
		return nil, status.Error(codes.InvalidArgument, "there is no contract_id in the request")
	}
	f := &factory{plugin: p, contract: r.ContractId}
	owned := []io.Closer{&f.reportingPlugins}
	for _, dependency := range []struct {
		name string
		id   uint32
		use  func(*grpc.ClientConn)
	}{
		{"provider", r.ProviderId, func(conn *grpc.ClientConn) {
			f.contractReader = pb.NewMedianContractClient(conn)
			f.transmitter = pb.NewContractTransmitterClient(conn)
		}},
		{"data source", r.DataSourceId, func(conn *grpc.ClientConn) { f.dataSource = pb.NewDataSourceClient(conn) }},
		{"error log", r.ErrorLogId, func(conn *grpc.ClientConn) { f.errorLog = pb.NewErrorLogClient(conn) }},
	} {
		conn, err := brokered.Dial(p.broker, dependency.name, dependency.id)
		if err != nil {
			for _, c := range owned {
				c.Close()
			}
			return nil, err
		}
		owned = append(owned, conn)
		dependency.use(conn)
	}
	object, err := brokered.Serve(p.broker, "median factory "+r.ContractId,
		func(s grpc.ServiceRegistrar, _ *brokered.Object) { pb.RegisterReportingPluginFactoryServer(s, f) }, owned...)
	if err != nil {
		return nil, err
	}
	if err := p.factories.Put(r.ContractId, object); err != nil {
		return nil, err
	}
	p.log.Info("median factory created", "contract", r.ContractId, "id", object.ID)
	return &pb.NewMedianFactoryReply{ReportingPluginFactoryId: object.ID}, nil
}

// factory implements ReportingPluginFactory. It owns the connections that its reporting plugins use.
type factory struct {
	pb.UnimplementedReportingPluginFactoryServer
	plugin           *medianPlugin
	contract         string
	contractReader   pb.MedianContractClient
	transmitter      pb.ContractTransmitterClient
	dataSource       pb.DataSourceClient
	errorLog         pb.ErrorLogClient
	reportingPlugins brokered.Objects // at most one
}

func (f *factory) NewReportingPlugin(_ context.Context, r *pb.NewReportingPluginRequest) (*pb.NewReportingPluginReply, error) {
	if len(r.ConfigDigest) != 32 {
		return nil, status.Errorf(codes.InvalidArgument, "config_digest has %d bytes and must have 32", len(r.ConfigDigest))
	}
	object, err := brokered.Serve(f.plugin.broker, "reporting plugin "+f.contract,
		func(s grpc.ServiceRegistrar, o *brokered.Object) {
			pb.RegisterReportingPluginServer(s, &reportingPlugin{factory: f, configDigest: r.ConfigDigest, f: r.F, object: o})
		})
	if err != nil {
		return nil, err
	}
	if err := f.reportingPlugins.Put("", object); err != nil {
		return nil, err
	}
	f.plugin.log.Info("reporting plugin created", "contract", f.contract, "id", object.ID)
	return &pb.NewReportingPluginReply{ReportingPluginId: object.ID}, nil
}
