package main

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"median/brokered"
	pb "median/medianpb"
)

// relayerPlugin implements the service on the main connection, from the start of the process.
type relayerPlugin struct {
	plugin.NetRPCUnsupportedPlugin
	pb.UnimplementedPluginRelayerServer
	log      hclog.Logger
	chain    *chain
	broker   *plugin.GRPCBroker
	relayers brokered.Objects // at most one
}

// NewRelayer dials the keystore and serves a relayer, which owns the connection.
func (p *relayerPlugin) NewRelayer(ctx context.Context, r *pb.NewRelayerRequest) (*pb.NewRelayerReply, error) {
	var config struct{ Network, Account string }
	if err := json.Unmarshal([]byte(r.Config), &config); err != nil || config.Network == "" {
		return nil, status.Error(codes.InvalidArgument, "the configuration must be a JSON object with a 'network'")
	}
	conn, err := brokered.Dial(p.broker, "keystore", r.KeystoreId)
	if err != nil {
		return nil, err
	}
	keystore := pb.NewKeystoreClient(conn)
	account, err := chooseAccount(ctx, keystore, config.Account)
	if err != nil {
		conn.Close()
		return nil, err
	}
	relayer := &relayer{plugin: p, network: config.Network, account: account, keystore: keystore}
	object, err := brokered.Serve(p.broker, "relayer "+config.Network,
		func(s grpc.ServiceRegistrar, _ *brokered.Object) { pb.RegisterRelayerServer(s, relayer) },
		&relayer.providers, conn)
	if err != nil {
		return nil, err
	}
	if err := p.relayers.Put("", object); err != nil {
		return nil, err
	}
	p.log.Info("relayer created", "network", config.Network, "id", object.ID)
	return &pb.NewRelayerReply{RelayerId: object.ID}, nil
}

// chooseAccount finds the account that signs and signs once, so that a fault shows now and not at the first
// transmission.
func chooseAccount(ctx context.Context, keystore pb.KeystoreClient, wanted string) (string, error) {
	reply, err := keystore.Accounts(ctx, &emptypb.Empty{})
	if err != nil {
		return "", brokered.Failed("the keystore's accounts", err)
	}
	switch {
	case len(reply.Accounts) == 0:
		return "", status.Error(codes.InvalidArgument, "the keystore has no account")
	case wanted == "":
		wanted = reply.Accounts[0]
	case !slices.Contains(reply.Accounts, wanted):
		return "", status.Errorf(codes.InvalidArgument, "the keystore has no account %q", wanted)
	}
	_, err = sign(ctx, keystore, wanted, []byte("to see whether it signs"))
	return wanted, err
}

func sign(ctx context.Context, keystore pb.KeystoreClient, account string, data []byte) ([]byte, error) {
	reply, err := keystore.Sign(ctx, &pb.SignRequest{Account: account, Data: data})
	if err != nil {
		return nil, brokered.Failed("the keystore's signature", err)
	}
	return reply.SignedData, nil
}

// relayer implements Relayer.
type relayer struct {
	pb.UnimplementedRelayerServer
	plugin           *relayerPlugin
	network, account string
	keystore         pb.KeystoreClient
	providers        brokered.Objects // by contract
}

func (r *relayer) GetChainInfo(context.Context, *emptypb.Empty) (*pb.ChainInfo, error) {
	return &pb.ChainInfo{Network: r.network, Account: r.account}, nil
}

// NewProvider serves the three services of a provider on one connection.
func (r *relayer) NewProvider(_ context.Context, request *pb.NewProviderRequest) (*pb.NewProviderReply, error) {
	if request.ContractId == "" {
		return nil, status.Error(codes.InvalidArgument, "there is no contract_id in the request")
	}
	object, err := brokered.Serve(r.plugin.broker, "provider "+request.ContractId,
		func(s grpc.ServiceRegistrar, o *brokered.Object) {
			p := &provider{relayer: r, id: request.ContractId, contract: r.plugin.chain.contract(request.ContractId), object: o}
			pb.RegisterOffchainConfigDigesterServer(s, p)
			pb.RegisterContractTransmitterServer(s, p)
			pb.RegisterMedianContractServer(s, p)
		})
	if err != nil {
		return nil, err
	}
	if err := r.providers.Put(request.ContractId, object); err != nil {
		return nil, err
	}
	r.plugin.log.Info("provider created", "contract", request.ContractId, "id", object.ID)
	return &pb.NewProviderReply{ProviderId: object.ID}, nil
}
