// Command bench calls a state store of Dapr's component protocol with
// google.golang.org/grpc, as the Java benchmarks do with the product's host.
//
// Each line on its standard input is a round: get or set, the size of the value
// in bytes, how many callers there are, and for how many milliseconds. For each
// it prints calls per second, and the 50th and the 99th percentile in
// microseconds.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"os"
	"slices"
	"sync"
	"time"

	components "github.com/dapr/dapr/pkg/proto/components/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

func main() {
	conn, err := grpc.Dial("unix:"+os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	store := components.NewStateStoreClient(conn)
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-component-instance", "go")
	if _, err := store.Init(ctx, &components.InitRequest{Metadata: &components.MetadataRequest{}}); err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening in Go")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var operation string
		var size, callers, millis int
		if _, err := fmt.Sscan(lines.Text(), &operation, &size, &callers, &millis); err != nil {
			log.Fatal(err)
		}
		round(ctx, store, operation == "set", size, callers, time.Duration(millis)*time.Millisecond)
	}
}

func round(ctx context.Context, store components.StateStoreClient, set bool, size, callers int, d time.Duration) {
	key := fmt.Sprint("key-", size)
	value := make([]byte, size)
	write := func() error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		_, err := store.Set(ctx, &components.SetRequest{Key: key, Value: value})
		return err
	}
	read := func() error {
		ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		_, err := store.Get(ctx, &components.GetRequest{Key: key})
		return err
	}
	if err := write(); err != nil {
		log.Fatal(err)
	}
	call := read
	if set {
		call = write
	}
	times := make([][]time.Duration, callers)
	var group sync.WaitGroup
	begun := time.Now()
	for i := range callers {
		group.Add(1)
		go func() {
			defer group.Done()
			for before := time.Now(); time.Since(begun) < d; {
				if err := call(); err != nil {
					log.Fatal(err)
				}
				now := time.Now()
				times[i] = append(times[i], now.Sub(before))
				before = now
			}
		}()
	}
	group.Wait()
	took := time.Since(begun)
	all := slices.Concat(times...)
	slices.Sort(all)
	at := func(percent int) float64 {
		return float64(all[len(all)*percent/100]) / float64(time.Microsecond)
	}
	fmt.Println(float64(len(all))/took.Seconds(), at(50), at(99))
}
