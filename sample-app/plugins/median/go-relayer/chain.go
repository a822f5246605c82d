package main

import (
	"bytes"
	"cmp"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "median/medianpb"
)

// chain is an invented chain: contracts by id. It outlives relayers, but not the process.
type chain struct {
	mu        sync.Mutex
	contracts map[string]*contract
}

func newChain() *chain { return &chain{contracts: map[string]*contract{}} }

// contract returns the contract with an id, and creates it if it does not exist.
func (c *chain) contract(id string) *contract {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.contracts[id] == nil {
		c.contracts[id] = &contract{changed: make(chan struct{})}
	}
	return c.contracts[id]
}

// contract keeps the latest transmission.
type contract struct {
	mu        sync.Mutex
	timestamp *pb.ReportTimestamp
	latest    *pb.Transmission // nil if there is none
	changed   chan struct{}    // closed when there is a later one
}

func (c *contract) read() (latest *pb.Transmission, changed <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.latest, c.changed
}

// write accepts a later transmission, and the same one again. A new configuration starts from the beginning.
func (c *contract) write(timestamp *pb.ReportTimestamp, t *pb.Transmission) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.latest != nil && bytes.Equal(timestamp.ConfigDigest, c.timestamp.ConfigDigest) {
		if bytes.Equal(t.Report, c.latest.Report) {
			return nil
		}
		order := cmp.Or(cmp.Compare(timestamp.Epoch, c.timestamp.Epoch), cmp.Compare(timestamp.Round, c.timestamp.Round))
		if order <= 0 {
			return status.Errorf(codes.FailedPrecondition, "epoch %d, round %d is not later than epoch %d, round %d",
				timestamp.Epoch, timestamp.Round, c.timestamp.Epoch, c.timestamp.Round)
		}
	}
	c.timestamp, c.latest = timestamp, t
	close(c.changed)
	c.changed = make(chan struct{})
	return nil
}
