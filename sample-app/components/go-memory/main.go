// Command go-memory is a pluggable state store that keeps its data in memory.
//
// It serves Dapr's component protocol on a Unix domain socket. Use it as a
// starting point: keep the main function and replace the store, whose writes are
// in commit.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"strconv"
	"sync"
	"time"

	dapr "github.com/dapr-sandbox/components-go-sdk"
	sdk "github.com/dapr-sandbox/components-go-sdk/state/v1"
	"github.com/dapr/components-contrib/metadata"
	"github.com/dapr/components-contrib/state"
)

func main() {
	name := flag.String("name", "memory", "component name; the socket file is <name>.sock")
	flag.Parse()

	// The SDK calls the factory once for each x-component-instance value, so
	// every component that a host configures gets its own store.
	dapr.Register(*name, dapr.WithStateStore(func() sdk.Store { return newStore(time.Now) }))
	if err := dapr.Run(); err != nil {
		log.Fatal(err)
	}
}

// entry is a stored value: the answer to a Get, and the time at which it expires.
// Entries are never modified; a write replaces them.
type entry struct {
	state.GetResponse
	expires time.Time // zero: never
}

func (e *entry) expired(now time.Time) bool {
	return !e.expires.IsZero() && !now.Before(e.expires)
}

// store implements state.Store and state.TransactionalStore. The SDK calls it
// from many goroutines at a time.
type store struct {
	now func() time.Time

	mu         sync.RWMutex
	entries    map[string]*entry
	revision   uint64 // the latest ETag
	maxEntries int    // 0: no limit
	nextSweep  time.Time
}

func newStore(now func() time.Time) *store {
	// Counting from the clock, not from zero, keeps an ETag that was handed out
	// before a restart from matching an entry written after it.
	return &store{now: now, entries: map[string]*entry{}, revision: uint64(now().UnixNano())}
}

// Init applies the component's metadata. A host may repeat the call, for example
// after a reconnect, so Init changes the settings and leaves the data alone.
func (s *store) Init(_ context.Context, md state.Metadata) error {
	limit := 0
	if text, ok := metadata.GetMetadataProperty(md.Properties, "maxEntries"); ok {
		var err error
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 {
			return fmt.Errorf("invalid metadata maxEntries=%q: must be a positive integer", text)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.maxEntries = limit
	return nil
}

// Features tells the host which features it can rely on. This version of
// components-contrib has no constant for TTL; on the wire, TTL is a string.
func (s *store) Features() []state.Feature {
	return []state.Feature{state.FeatureETag, state.FeatureTransactional, "TTL"}
}

// GetComponentMetadata is part of the interface, but the SDK never calls it.
func (s *store) GetComponentMetadata() map[string]string { return nil }

// Get answers a missing key with an empty response. The response must not be nil:
// the SDK cannot encode nil, and the call would fail.
func (s *store) Get(_ context.Context, req *state.GetRequest) (*state.GetResponse, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if e := s.find(req.Key, s.now()); e != nil {
		return &e.GetResponse, nil
	}
	return &state.GetResponse{}, nil
}

// BulkGet reads all keys at one point in time. The item of a missing key has only
// the key.
func (s *store) BulkGet(_ context.Context, reqs []state.GetRequest, _ state.BulkGetOpts) ([]state.BulkGetResponse, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	now := s.now()
	items := make([]state.BulkGetResponse, len(reqs))
	for i, req := range reqs {
		items[i].Key = req.Key
		if e := s.find(req.Key, now); e != nil {
			items[i].Data, items[i].ETag = e.Data, e.ETag
			items[i].Metadata, items[i].ContentType = e.Metadata, e.ContentType
		}
	}
	return items, nil
}

// Every write is a transaction, even of one operation. The operations of a bulk
// request are independent of each other, as in Dapr's own stores.

func (s *store) Set(_ context.Context, req *state.SetRequest) error {
	return commit(s, []state.SetRequest{*req})
}

func (s *store) Delete(_ context.Context, req *state.DeleteRequest) error {
	return commit(s, []state.DeleteRequest{*req})
}

func (s *store) BulkSet(_ context.Context, reqs []state.SetRequest, _ state.BulkStoreOpts) error {
	return commitEach(s, reqs)
}

func (s *store) BulkDelete(_ context.Context, reqs []state.DeleteRequest, _ state.BulkStoreOpts) error {
	return commitEach(s, reqs)
}

func (s *store) Multi(_ context.Context, req *state.TransactionalStateRequest) error {
	return commit(s, req.Operations)
}
