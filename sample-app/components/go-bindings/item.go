package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/dapr/components-contrib/bindings"
)

// item is the content of a file.
type item struct {
	Data     []byte            `json:"data"`
	Metadata map[string]string `json:"metadata"`
	State    string            `json:"state"`  // waiting, failed or answered
	Answer   string            `json:"answer"` // the answer of the host, or the reason of a failure
}

func load(file string) (i item, err error) {
	content, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(content, &i)
	}
	return i, err
}

// save writes a whole file and then renames it over the old one, so that a kill leaves one complete file.
func (i item) save(file string) error {
	content, _ := json.Marshal(i) // cannot fail for these types
	if err := os.WriteFile(file+".new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// read waits for the host's answer. If there is none, the item stays as it is.
func (i item) read(ctx context.Context, file string, handler bindings.Handler) {
	answer, err := handler(ctx, &bindings.ReadResponse{Data: i.Data, Metadata: i.Metadata})
	mu.Lock()
	defer mu.Unlock()
	delete(reading, file)
	changed.Broadcast()
	if i.State, i.Answer = "answered", string(answer); err != nil {
		i.State, i.Answer = "failed", err.Error()
	}
	if _, gone := os.Stat(file); gone == nil && ctx.Err() == nil {
		i.save(file) // if this fails, the item is read again, on another stream
	}
}
