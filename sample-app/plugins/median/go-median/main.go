// Command go-median is a median plugin: it makes reports of the observations of oracles. Its host gives it values, an
// error log and a relayer's provider. ../README.md shows the flow between host and plugin.
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
	median := &medianPlugin{log: log}
	plugin.Serve(&plugin.ServeConfig{
		// The cookie is no secret: it keeps people from starting the plugin by hand.
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "SAMPLE_MEDIAN_COOKIE",
			MagicCookieValue: "median-sample-median",
		},
		Plugins:    plugin.PluginSet{"median": median},
		GRPCServer: plugin.DefaultGRPCServer,
		Logger:     log,
	})
	median.factories.Close() // removes the sockets
}

// GRPCServer adds the service on the main connection.
func (p *medianPlugin) GRPCServer(broker *plugin.GRPCBroker, s *grpc.Server) error {
	p.broker = broker
	pb.RegisterPluginMedianServer(s, p)
	return nil
}

// GRPCClient is for hosts in Go; a plugin does not need it.
func (p *medianPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	panic("this is the plugin's side")
}
