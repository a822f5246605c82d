package main

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// lookInterval is how often a process looks for records of other processes.
const lookInterval = 50 * time.Millisecond

// records is the log and its contents. A line is "S key value", "P topic data" or "A id" with texts in base64; the id of
// a message is the position of its line.
//
// Several processes append under a lock of the file, and each first reads what the others have appended. A killed process
// can leave a line without an end, which the next process removes.
type records struct {
	mutex   sync.Mutex
	changed *sync.Cond
	file    *os.File
	read    int64 // the position up to which the log was read
	values  map[string][]byte
	open    map[string]*message   // messages without an acknowledgement, by id
	waiting map[string][]*message // messages that no stream of this process holds, by topic
}

type message struct {
	id, topic string
	data      []byte
}

func open(path string) (*records, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	r := &records{file: file, values: map[string][]byte{}, open: map[string]*message{},
		waiting: map[string][]*message{}}
	r.changed = sync.NewCond(&r.mutex)
	if err := r.catchUp(); err != nil {
		return nil, err
	}
	go r.look()
	return r, nil
}

// look reads the messages that other processes accept.
func (r *records) look() {
	for range time.Tick(lookInterval) {
		r.mutex.Lock()
		if err := r.catchUp(); err != nil {
			log.Fatal(err)
		}
		r.mutex.Unlock()
	}
}

// catchUp reads the complete lines that were appended since the last time.
func (r *records) catchUp() error {
	info, err := r.file.Stat()
	if err != nil || info.Size() <= r.read {
		return err
	}
	tail := make([]byte, info.Size()-r.read)
	// The file is shorter if another process removes an incomplete line now.
	n, err := r.file.ReadAt(tail, r.read)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for tail = tail[:n]; ; {
		line, rest, found := bytes.Cut(tail, []byte{'\n'})
		if !found {
			break
		}
		if err := r.apply(string(line), strconv.FormatInt(r.read, 10)); err != nil {
			return fmt.Errorf("the log is damaged at %d: %w", r.read, err)
		}
		r.read += int64(len(line)) + 1
		tail = rest
	}
	r.changed.Broadcast()
	return nil
}

func (r *records) apply(line, id string) error {
	fields := strings.Split(line, " ")
	texts := make([][]byte, len(fields))
	for i, field := range fields[1:] {
		text, err := base64.StdEncoding.DecodeString(field)
		if err != nil {
			return err
		}
		texts[i+1] = text
	}
	switch {
	case fields[0] == "S" && len(fields) == 3:
		r.values[string(texts[1])] = texts[2]
	case fields[0] == "P" && len(fields) == 3:
		m := &message{id: id, topic: string(texts[1]), data: texts[2]}
		r.open[id] = m
		r.waiting[m.topic] = append(r.waiting[m.topic], m)
	case fields[0] == "A" && len(fields) == 2:
		delete(r.open, string(texts[1]))
	default:
		return fmt.Errorf("unknown record %q", line)
	}
	return nil
}

// commit appends a record and applies the record.
func (r *records) commit(kind string, texts ...[]byte) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err := r.append(kind, texts); err != nil {
		return status.Error(codes.ResourceExhausted, err.Error())
	}
	return nil
}

func (r *records) append(kind string, texts [][]byte) error {
	if err := syscall.Flock(int(r.file.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	defer syscall.Flock(int(r.file.Fd()), syscall.LOCK_UN)
	if err := r.catchUp(); err != nil {
		return err
	}
	if err := r.file.Truncate(r.read); err != nil {
		return err
	}
	line := kind
	for _, text := range texts {
		line += " " + base64.StdEncoding.EncodeToString(text)
	}
	if _, err := r.file.WriteString(line + "\n"); err != nil {
		return errors.Join(err, r.file.Truncate(r.read))
	}
	return r.catchUp()
}

func (r *records) set(key string, value []byte) error {
	return r.commit("S", []byte(key), value)
}

func (r *records) get(key string) ([]byte, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	err := r.catchUp()
	return r.values[key], err
}

func (r *records) publish(topic string, data []byte) error {
	return r.commit("P", []byte(topic), data)
}

// consumer is a stream of messages. Its fields belong to the mutex of the records.
type consumer struct {
	records *records
	topic   string
	held    map[string]*message
	closed  bool
}

func (r *records) consume(topic string) *consumer {
	return &consumer{records: r, topic: topic, held: map[string]*message{}}
}

// next waits for a message; nil means that the stream has ended.
func (c *consumer) next() *message {
	r := c.records
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for {
		if c.closed {
			return nil
		}
		if queue := r.waiting[c.topic]; len(queue) > 0 && len(c.held) < inFlight {
			m := queue[0]
			r.waiting[c.topic] = queue[1:]
			if r.open[m.id] == nil {
				continue // acknowledged, perhaps to another process
			}
			c.held[m.id] = m
			return m
		}
		r.changed.Wait()
	}
}

func (c *consumer) acknowledge(id string) error {
	r := c.records
	if err := r.commit("A", []byte(id)); err != nil {
		return err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	delete(c.held, id)
	r.changed.Broadcast()
	return nil
}

// giveBack lets the message come again, unless the end of the stream did this already.
func (c *consumer) giveBack(id string) {
	r := c.records
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if m := c.held[id]; m != nil {
		delete(c.held, id)
		r.waiting[c.topic] = append(r.waiting[c.topic], m)
		r.changed.Broadcast()
	}
}

// close gives all messages back that were not acknowledged.
func (c *consumer) close() {
	r := c.records
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if c.closed {
		return
	}
	c.closed = true
	for id, m := range c.held {
		delete(c.held, id)
		r.waiting[c.topic] = append(r.waiting[c.topic], m)
	}
	r.changed.Broadcast()
}
