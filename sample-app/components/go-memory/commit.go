package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/dapr/components-contrib/state"
	"github.com/dapr/components-contrib/state/utils"
)

// sweepInterval is how long an expired entry may use memory. Readers do not see
// an expired entry, swept or not.
const sweepInterval = time.Minute

// commit applies the operations in order. Each operation sees the effects of
// those before it. If one is refused, commit takes all of them back.
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

// commitEach applies each operation that is possible. The error names the keys of
// all operations that were refused, beginning with the first.
func commitEach[T state.TransactionalStateOperation](s *store, ops []T) error {
	var refused []error
	for _, op := range ops {
		if err := commit(s, []T{op}); err != nil {
			refused = append(refused, err)
		}
	}
	return errors.Join(refused...)
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

// newEntry builds the entry of a set request. Without ttlInSeconds, or with -1
// or 0, the entry never expires, even if it replaces one that did.
func (s *store) newEntry(req state.SetRequest, now time.Time) (*entry, error) {
	// The SDK parses values that are marked as JSON, so these are encoded again.
	// All other values are bytes and stay unchanged.
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
