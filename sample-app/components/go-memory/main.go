// Command go-memory is a pluggable state store that keeps its data in memory.
//
// It serves Dapr's component protocol on a Unix domain socket and is meant as
// a starting point: keep the main function and replace the store below it.
package main

import (
	"context"
	"encoding/json"
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
	"github.com/dapr/components-contrib/state/utils"
)

func main() {
	name := flag.String("name", "memory", "component name; the socket file is <name>.sock")
	flag.Parse()

	// The SDK calls the factory once for each x-component-instance value, so
	// every component that a host configures gets a store of its own.
	dapr.Register(*name, dapr.WithStateStore(func() sdk.Store { return newStore(time.Now) }))
	if err := dapr.Run(); err != nil {
		log.Fatal(err)
	}
}

// sweepInterval is how long an expired entry may go on taking up memory.
// Readers do not see it, swept or not.
const sweepInterval = time.Minute

// entry is a stored value: the answer to a Get, and when it ends. Entries are
// never modified, a write replaces them.
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

// Init applies the component's metadata. A host may repeat the call, say after
// a reconnect, so it changes the settings and leaves the data alone.
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

// Features tells the host what it can rely on. This version of
// components-contrib has no constant for TTL; on the wire it is just a string.
func (s *store) Features() []state.Feature {
	return []state.Feature{state.FeatureETag, state.FeatureTransactional, "TTL"}
}

// GetComponentMetadata is part of the interface, but the SDK never calls it.
func (s *store) GetComponentMetadata() map[string]string { return nil }

// Get answers a missing key with an empty response. It must not be nil: the SDK
// cannot put that on the wire, and the call would fail.
func (s *store) Get(_ context.Context, req *state.GetRequest) (*state.GetResponse, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if e := s.find(req.Key, s.now()); e != nil {
		return &e.GetResponse, nil
	}
	return &state.GetResponse{}, nil
}

// BulkGet reads all keys at one point in time. A missing key gives an item with
// nothing but the key.
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

// Every write is a transaction, if only of one operation. So the bulk methods
// are all or nothing as well, which suits a protocol without errors per key.

func (s *store) Set(_ context.Context, req *state.SetRequest) error {
	return commit(s, []state.SetRequest{*req})
}

func (s *store) Delete(_ context.Context, req *state.DeleteRequest) error {
	return commit(s, []state.DeleteRequest{*req})
}

func (s *store) BulkSet(_ context.Context, reqs []state.SetRequest, _ state.BulkStoreOpts) error {
	return commit(s, reqs)
}

func (s *store) BulkDelete(_ context.Context, reqs []state.DeleteRequest, _ state.BulkStoreOpts) error {
	return commit(s, reqs)
}

func (s *store) Multi(_ context.Context, req *state.TransactionalStateRequest) error {
	return commit(s, req.Operations)
}

// commit applies the operations in order, each seeing the effect of those
// before it. If one is refused, it takes all of them back.
func commit[T state.TransactionalStateOperation](s *store, ops []T) (err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if !now.Before(s.nextSweep) {
		s.sweep(now)
	}

	undo := map[string]*entry{}
	defer func() {
		if err != nil {
			for key, e := range undo {
				s.put(key, e)
			}
		}
	}()
	for _, op := range ops {
		key := op.GetKey()
		if _, seen := undo[key]; !seen {
			undo[key] = s.entries[key]
		}
		current, next := s.find(key, now), (*entry)(nil)
		switch req := any(op).(type) {
		case state.SetRequest:
			if err = checkETag(key, current, req.ETag, req.Options.Concurrency); err == nil {
				next, err = s.newEntry(req, now)
			}
			if err == nil && current == nil && s.full(now) {
				err = fmt.Errorf("key %q: store is full, maxEntries is %d", key, s.maxEntries)
			}
		case state.DeleteRequest:
			err = checkETag(key, current, req.ETag, req.Options.Concurrency)
		default:
			err = fmt.Errorf("unsupported operation %T", op)
		}
		if err != nil {
			return err
		}
		s.put(key, next)
	}
	return nil
}

// checkETag decides whether a write may replace current, which is nil for a
// missing key. An empty ETag counts as none. In process, the type ETagError
// tells the kind; SDK v0.3.0 sends the text alone, with status 2 (UNKNOWN).
func checkETag(key string, current *entry, etag *string, concurrency string) error {
	if etag == nil || *etag == "" {
		if concurrency == state.FirstWrite && current != nil {
			return state.NewETagError(state.ETagMismatch, fmt.Errorf("key %q exists and first-write came without an etag", key))
		}
		return nil
	}
	if _, err := strconv.ParseUint(*etag, 10, 64); err != nil {
		return state.NewETagError(state.ETagInvalid, fmt.Errorf("key %q: etag %q is not a number", key, *etag))
	}
	if current == nil {
		return state.NewETagError(state.ETagMismatch, fmt.Errorf("key %q does not exist", key))
	}
	if *current.ETag != *etag {
		return state.NewETagError(state.ETagMismatch, fmt.Errorf("key %q has etag %s, not %s", key, *current.ETag, *etag))
	}
	return nil
}

// newEntry builds what a set request asks for. Without ttlInSeconds, or with -1
// or 0, the entry never expires, whatever it replaces.
func (s *store) newEntry(req state.SetRequest, now time.Time) (*entry, error) {
	// The SDK has parsed values that are marked as JSON, so these get encoded
	// again. All others are bytes and stay as they are.
	data, err := utils.Marshal(req.Value, json.Marshal)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", req.Key, err)
	}
	ttl, err := utils.ParseTTL(req.Metadata)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", req.Key, err)
	}
	s.revision++
	etag := strconv.FormatUint(s.revision, 10)
	e := &entry{GetResponse: state.GetResponse{Data: data, ETag: &etag, ContentType: req.ContentType}}
	if ttl != nil && *ttl > 0 {
		e.expires = now.Add(time.Duration(*ttl) * time.Second)
		e.Metadata = map[string]string{state.GetRespMetaKeyTTLExpireTime: e.expires.UTC().Format(time.RFC3339)}
	}
	return e, nil
}

// find returns the entry of a key, or nil if there is none or it has expired.
func (s *store) find(key string, now time.Time) *entry {
	if e := s.entries[key]; e != nil && !e.expired(now) {
		return e
	}
	return nil
}

// put stores an entry; nil deletes the key.
func (s *store) put(key string, e *entry) {
	if e == nil {
		delete(s.entries, key)
	} else {
		s.entries[key] = e
	}
}

// full reports whether the limit leaves no room for another key.
func (s *store) full(now time.Time) bool {
	if s.maxEntries == 0 || len(s.entries) < s.maxEntries {
		return false
	}
	s.sweep(now)
	return len(s.entries) >= s.maxEntries
}

// sweep frees the memory of expired entries.
func (s *store) sweep(now time.Time) {
	for key, e := range s.entries {
		if e.expired(now) {
			delete(s.entries, key)
		}
	}
	s.nextSweep = now.Add(sweepInterval)
}
