// Command go-relayer is a relayer plugin: it gives its host access to a chain, and lets the host's keystore sign. The
// chain is made up and lives in this process. What a host does with it is in ../README.md.
package main

import (
	"context"
	"os"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	pb "median/medianpb"
)

func main() {
	log := hclog.New(&hclog.LoggerOptions{Output: os.Stderr, JSONFormat: true, Level: hclog.Info})
	relayer := &relayerPlugin{log: log, chain: newChain()}
	plugin.Serve(&plugin.ServeConfig{
		// Not a secret: it keeps people from starting the plugin by hand.
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "SAMPLE_RELAYER_COOKIE",
			MagicCookieValue: "median-sample-relayer",
		},
		Plugins:    plugin.PluginSet{"relayer": relayer},
		GRPCServer: plugin.DefaultGRPCServer,
		Logger:     log,
	})
	relayer.relayers.Close() // removes the sockets
}

// GRPCServer adds what is on the main connection.
func (p *relayerPlugin) GRPCServer(broker *plugin.GRPCBroker, s *grpc.Server) error {
	p.broker = broker
	pb.RegisterPluginRelayerServer(s, p)
	return nil
}

// GRPCClient is for hosts.
func (p *relayerPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	panic("this is the plugin's side")
}
