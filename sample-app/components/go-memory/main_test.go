package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	dapr "github.com/dapr-sandbox/components-go-sdk/state/v1"
	"github.com/dapr/components-contrib/metadata"
	"github.com/dapr/components-contrib/state"
)

// The SDK finds Multi by a type assertion, so the compiler would not notice a
// wrong signature.
var (
	_ dapr.Store              = (*store)(nil)
	_ dapr.TransactionalStore = (*store)(nil)
)

var ctx = context.Background()

// clock is a time source that a test moves.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { return c.t }

func newTestStore(t *testing.T, properties map[string]string) (*store, *clock) {
	t.Helper()
	c := &clock{time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)}
	s := newStore(c.now)
	noError(t, s.Init(ctx, initMetadata(properties)))
	return s, c
}

func initMetadata(properties map[string]string) state.Metadata {
	return state.Metadata{Base: metadata.Base{Properties: properties}}
}

func set(key, value string, etag *string) state.SetRequest {
	return state.SetRequest{Key: key, Value: []byte(value), ETag: etag}
}

func setTTL(key, ttl string) state.SetRequest {
	return state.SetRequest{Key: key, Value: []byte("v"), Metadata: map[string]string{"ttlInSeconds": ttl}}
}

func get(t *testing.T, s *store, key string) *state.GetResponse {
	t.Helper()
	res, err := s.Get(ctx, &state.GetRequest{Key: key})
	noError(t, err)
	return res
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

func wantValue(t *testing.T, s *store, key, want string) {
	t.Helper()
	if got := string(get(t, s, key).Data); got != want {
		t.Errorf("value of %q: got %q, want %q", key, got, want)
	}
}

func wantMissing(t *testing.T, s *store, key string) {
	t.Helper()
	if got := get(t, s, key); got.Data != nil || got.ETag != nil || got.Metadata != nil {
		t.Errorf("key %q should be missing, got %+v", key, got)
	}
}

func wantETagError(t *testing.T, err error, kind state.ETagErrorKind) {
	t.Helper()
	var etagErr *state.ETagError
	if !errors.As(err, &etagErr) || etagErr.Kind() != kind {
		t.Errorf("got error %v, want an etag error of kind %s", err, kind)
	}
}

func ptr(s string) *string { return &s }

func TestETag(t *testing.T) {
	s, _ := newTestStore(t, nil)
	first := set("k", "1", nil)
	noError(t, s.Set(ctx, &first))
	old := get(t, s, "k").ETag

	second := set("k", "2", old)
	noError(t, s.Set(ctx, &second))
	if current := get(t, s, "k").ETag; *current == *old {
		t.Error("a write must change the etag")
	}

	stale, bad, missing := set("k", "3", old), set("k", "3", ptr("bad")), set("none", "3", old)
	wantETagError(t, s.Set(ctx, &stale), state.ETagMismatch)
	wantETagError(t, s.Set(ctx, &bad), state.ETagInvalid)
	wantETagError(t, s.Set(ctx, &missing), state.ETagMismatch)
	wantETagError(t, s.Delete(ctx, &state.DeleteRequest{Key: "k", ETag: old}), state.ETagMismatch)
	wantETagError(t, s.Delete(ctx, &state.DeleteRequest{Key: "k", ETag: ptr("bad")}), state.ETagInvalid)
	wantValue(t, s, "k", "2")

	noError(t, s.Delete(ctx, &state.DeleteRequest{Key: "k", ETag: get(t, s, "k").ETag}))
	wantMissing(t, s, "k")
	noError(t, s.Delete(ctx, &state.DeleteRequest{Key: "k"})) // deleting a missing key is fine
}

func TestETagIsNotReusedForNewEntry(t *testing.T) {
	s, _ := newTestStore(t, nil)
	req := set("k", "1", nil)
	noError(t, s.Set(ctx, &req))
	old := get(t, s, "k").ETag
	noError(t, s.Delete(ctx, &state.DeleteRequest{Key: "k"}))
	noError(t, s.Set(ctx, &req))

	stale := set("k", "2", old)
	wantETagError(t, s.Set(ctx, &stale), state.ETagMismatch)
}

func TestFirstWrite(t *testing.T) {
	for name, etag := range map[string]*string{"no etag": nil, "empty etag": ptr("")} {
		t.Run(name, func(t *testing.T) {
			s, _ := newTestStore(t, nil)
			req := set("k", "1", etag)
			req.Options.Concurrency = state.FirstWrite
			noError(t, s.Set(ctx, &req))
			wantETagError(t, s.Set(ctx, &req), state.ETagMismatch)

			req.ETag = get(t, s, "k").ETag
			noError(t, s.Set(ctx, &req))

			last := set("k", "2", etag)
			last.Options.Concurrency = state.LastWrite
			noError(t, s.Set(ctx, &last))
		})
	}
}

func TestTTL(t *testing.T) {
	s, c := newTestStore(t, nil)
	req := setTTL("k", "10")
	noError(t, s.Set(ctx, &req))
	if got := get(t, s, "k").Metadata["ttlExpireTime"]; got != "2024-05-01T12:00:10Z" {
		t.Errorf("ttlExpireTime: got %q", got)
	}
	etag := get(t, s, "k").ETag

	c.t = c.t.Add(10*time.Second - 1)
	wantValue(t, s, "k", "v")
	c.t = c.t.Add(1)
	wantMissing(t, s, "k")

	// An expired key does not exist for writes either.
	stale := set("k", "w", etag)
	wantETagError(t, s.Set(ctx, &stale), state.ETagMismatch)
	fresh := set("k", "w", nil)
	fresh.Options.Concurrency = state.FirstWrite
	noError(t, s.Set(ctx, &fresh))

	// A later write without a TTL, or with -1, removes the expiry.
	for _, ttl := range []string{"", "-1"} {
		noError(t, s.Set(ctx, &req))
		forever := setTTL("k", ttl)
		noError(t, s.Set(ctx, &forever))
		c.t = c.t.Add(time.Hour)
		wantValue(t, s, "k", "v")
	}

	for _, ttl := range []string{"soon", "-2", "1.5"} {
		if bad := setTTL("k", ttl); s.Set(ctx, &bad) == nil {
			t.Errorf("ttlInSeconds=%s should be refused", ttl)
		}
	}
}

func TestExpiredEntriesAreSwept(t *testing.T) {
	s, c := newTestStore(t, nil)
	short, other := setTTL("short", "1"), set("other", "v", nil)
	noError(t, s.Set(ctx, &short))
	c.t = c.t.Add(sweepInterval)
	noError(t, s.Set(ctx, &other))
	if len(s.entries) != 1 {
		t.Errorf("got %d entries, want 1", len(s.entries))
	}
}

func TestTransaction(t *testing.T) {
	s, _ := newTestStore(t, nil)
	noError(t, s.BulkSet(ctx, []state.SetRequest{set("a", "1", nil), set("b", "1", nil)}, state.BulkStoreOpts{}))
	etag := get(t, s, "a").ETag

	// The last operation fails, so the others must leave no trace.
	err := s.Multi(ctx, &state.TransactionalStateRequest{Operations: []state.TransactionalStateOperation{
		set("a", "2", etag),
		state.DeleteRequest{Key: "b"},
		set("c", "2", nil),
		state.DeleteRequest{Key: "a", ETag: etag},
	}})
	wantETagError(t, err, state.ETagMismatch)
	wantValue(t, s, "a", "1")
	wantValue(t, s, "b", "1")
	wantMissing(t, s, "c")
	if got := get(t, s, "a").ETag; *got != *etag {
		t.Errorf("etag changed from %s to %s", *etag, *got)
	}

	// Several operations on one key apply in order.
	noError(t, s.Multi(ctx, &state.TransactionalStateRequest{Operations: []state.TransactionalStateOperation{
		state.DeleteRequest{Key: "a"},
		set("b", "2", nil),
		set("a", "3", nil),
		state.DeleteRequest{Key: "b"},
	}}))
	wantValue(t, s, "a", "3")
	wantMissing(t, s, "b")
}

func TestBulk(t *testing.T) {
	s, _ := newTestStore(t, nil)
	err := s.BulkSet(ctx, []state.SetRequest{set("b", "1", ptr("1")), set("a", "1", nil), set("c", "1", ptr("1"))}, state.BulkStoreOpts{})
	wantETagError(t, err, state.ETagMismatch)
	for _, key := range []string{`"b"`, `"c"`} {
		if !strings.Contains(err.Error(), key) {
			t.Errorf("%v does not name %s", err, key)
		}
	}
	wantValue(t, s, "a", "1")
	wantMissing(t, s, "b")
	err = s.BulkDelete(ctx, []state.DeleteRequest{{Key: "b", ETag: ptr("1")}, {Key: "a"}}, state.BulkStoreOpts{})
	wantETagError(t, err, state.ETagMismatch)
	wantMissing(t, s, "a")

	json := state.SetRequest{Key: "a", Value: map[string]any{"x": 1}, ContentType: ptr("application/json")}
	noError(t, s.Set(ctx, &json))
	items, err := s.BulkGet(ctx, []state.GetRequest{{Key: "a"}, {Key: "b"}}, state.BulkGetOpts{})
	noError(t, err)
	if a := items[0]; a.Key != "a" || string(a.Data) != `{"x":1}` || a.ETag == nil || *a.ContentType != "application/json" {
		t.Errorf("unexpected item %+v", a)
	}
	if b := items[1]; b.Key != "b" || b.Data != nil || b.ETag != nil || b.Error != "" {
		t.Errorf("unexpected item %+v", b)
	}

	noError(t, s.BulkDelete(ctx, []state.DeleteRequest{{Key: "a"}, {Key: "b"}}, state.BulkStoreOpts{}))
	wantMissing(t, s, "a")
}

func TestInit(t *testing.T) {
	s, c := newTestStore(t, map[string]string{"maxEntries": "2"})
	a, b, other := set("a", "1", nil), setTTL("b", "1"), set("c", "1", nil)
	noError(t, s.Set(ctx, &a))
	noError(t, s.Set(ctx, &b))
	if err := s.Set(ctx, &other); err == nil {
		t.Error("a third entry should be refused")
	}
	noError(t, s.Set(ctx, &a)) // an existing key needs no room

	for _, limit := range []string{"many", "", "0", "-1"} {
		if err := s.Init(ctx, initMetadata(map[string]string{"maxEntries": limit})); err == nil {
			t.Errorf("maxEntries=%q should be refused", limit)
		}
	}
	if s.maxEntries != 2 {
		t.Error("a refused Init must not change the limit")
	}

	c.t = c.t.Add(time.Second) // b expires and makes room
	noError(t, s.Set(ctx, &other))

	noError(t, s.Init(ctx, initMetadata(nil))) // data survives, the limit is gone
	wantValue(t, s, "a", "1")
	noError(t, s.Set(ctx, &b))
}
