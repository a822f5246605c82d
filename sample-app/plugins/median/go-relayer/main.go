// Command go-relayer is a relayer plugin: it gives its host access to a chain, and has the host's keystore sign. The
// chain is invented and lives in this process. ../README.md shows the flow between host and plugin.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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
		// The cookie is no secret: it keeps people from starting the plugin by hand.
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "SAMPLE_RELAYER_COOKIE",
			MagicCookieValue: "median-sample-relayer",
		},
		Plugins:     plugin.PluginSet{"relayer": relayer},
		GRPCServer:  plugin.DefaultGRPCServer,
		Logger:      log,
		TLSProvider: tlsProvider(os.Getenv("RELAYER_TLS")),
	})
	relayer.relayers.Close() // removes the sockets
}

// tlsProvider returns how the plugin serves TLS with a certificate of its own: the file holds the certificate, its key,
// and the certificates that it trusts. Without a file, the plugin serves TLS only if the host asks for AutoMTLS.
func tlsProvider(file string) func() (*tls.Config, error) {
	if file == "" {
		return nil
	}
	return func() (*tls.Config, error) {
		pair, err := tls.LoadX509KeyPair(file, file)
		if err != nil {
			return nil, err
		}
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		trusted := x509.NewCertPool()
		trusted.AppendCertsFromPEM(pem)
		return &tls.Config{
			Certificates: []tls.Certificate{pair},
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    trusted,
			RootCAs:      trusted,
			ServerName:   "localhost",
			MinVersion:   tls.VersionTLS12,
		}, nil
	}
}

// GRPCServer adds the service on the main connection.
func (p *relayerPlugin) GRPCServer(broker *plugin.GRPCBroker, s *grpc.Server) error {
	p.broker = broker
	pb.RegisterPluginRelayerServer(s, p)
	return nil
}

// GRPCClient is for hosts in Go; a plugin does not need it.
func (p *relayerPlugin) GRPCClient(context.Context, *plugin.GRPCBroker, *grpc.ClientConn) (any, error) {
	panic("this is the plugin's side")
}
