// A client in Go (grpc-go) for servers that come and go; see README.md in the folder above.
//
// usage: fleet ADDRESSES CASES fleet|stream [REQUESTS]
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
)

const latest = time.Minute

// What to ask, and what to get.
type testCase struct {
	path    string
	request []byte
	answers [][]byte
}

// Messages are bytes already.
type raw struct{}

func (raw) Marshal(message any) ([]byte, error)    { return *message.(*[]byte), nil }
func (raw) Unmarshal(bytes []byte, into any) error { *into.(*[]byte) = bytes; return nil }
func (raw) Name() string                           { return "proto" }

func readCases(path string) (map[string]testCase, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cases := map[string]testCase{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		words := strings.Split(lines.Text(), " ")
		var messages [][]byte
		for _, word := range words[2:] {
			message, err := hex.DecodeString(word)
			if err != nil {
				return nil, err
			}
			messages = append(messages, message)
		}
		cases[words[0]] = testCase{words[1], messages[0], messages[1:]}
	}
	return cases, lines.Err()
}

func connect(addresses string) (*grpc.ClientConn, error) {
	several := resolver.State{}
	for _, address := range strings.Split(addresses, ",") {
		several.Addresses = append(several.Addresses, resolver.Address{Addr: address})
	}
	found := manual.NewBuilderWithScheme("fleet")
	found.InitialState(several)
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithResolvers(found),
		grpc.WithDefaultCallOptions(grpc.ForceCodec(raw{}), grpc.MaxCallRecvMsgSize(8<<20)),
	}
	if len(several.Addresses) > 1 {
		options = append(options, grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`))
	}
	return grpc.NewClient("fleet:///servers", options...)
}

func unary(ctx context.Context, client *grpc.ClientConn, c testCase, ready bool) error {
	ctx, cancel := context.WithTimeout(ctx, latest)
	defer cancel()
	var answer []byte
	if err := client.Invoke(ctx, c.path, &c.request, &answer, grpc.WaitForReady(ready)); err != nil {
		return err
	}
	if !bytes.Equal(answer, c.answers[0]) {
		return fmt.Errorf("an answer of %d bytes", len(answer))
	}
	return nil
}

// Asks as often on one call, no more at a time than atOnce; returns when all is answered.
func stream(ctx context.Context, client *grpc.ClientConn, c testCase, total, atOnce int, ready bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	description := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	call, err := client.NewStream(ctx, description, c.path, grpc.WaitForReady(ready))
	if err != nil {
		return err
	}
	got := make([]int, len(c.answers))
	least := func() int {
		fewest := got[0]
		for _, count := range got {
			fewest = min(fewest, count)
		}
		return fewest
	}
	sent := 0
	for least() < total {
		for sent < total && sent-least() < atOnce {
			// io.EOF says that the call is over; RecvMsg says why.
			if err := call.SendMsg(&c.request); err != nil && err != io.EOF {
				return err
			}
			sent++
			if sent == total {
				if err := call.CloseSend(); err != nil {
					return err
				}
			}
		}
		var answer []byte
		if err := call.RecvMsg(&answer); err != nil {
			return fmt.Errorf("after %d of %d answers: %w", least(), total, err)
		}
		known := false
		for which, expected := range c.answers {
			if bytes.Equal(answer, expected) {
				got[which]++
				known = true
				break
			}
		}
		if !known {
			return fmt.Errorf("an answer of %d bytes", len(answer))
		}
	}
	var answer []byte
	if err := call.RecvMsg(&answer); err != io.EOF {
		return fmt.Errorf("after the last answer: %v", err)
	}
	return nil
}

func fleet(client *grpc.ClientConn, cases map[string]testCase, ready bool) (map[string]int, []string) {
	var done atomic.Bool
	var lock sync.Mutex
	var workers sync.WaitGroup
	counts := map[string]int{}
	var failures []string
	start := func(number int, name string, once func() error) {
		for range number {
			workers.Go(func() {
				for !done.Load() {
					err := once()
					lock.Lock()
					if err == nil {
						counts[name]++
					} else {
						failures = append(failures, fmt.Sprintf("%s: %v", name, err))
					}
					lock.Unlock()
				}
			})
		}
	}
	ctx := context.Background()
	start(3, "small", func() error { return unary(ctx, client, cases["small"], ready) })
	start(2, "large", func() error { return unary(ctx, client, cases["large"], ready) })
	start(2, "stream", func() error {
		ctx, cancel := context.WithTimeout(ctx, latest)
		defer cancel()
		return stream(ctx, client, cases["stream"], 20, 20, ready)
	})
	io.Copy(io.Discard, os.Stdin)
	done.Store(true)
	workers.Wait()
	return counts, failures
}

func run(arguments []string) error {
	if len(arguments) < 3 {
		return fmt.Errorf("usage: fleet ADDRESSES CASES fleet|stream [REQUESTS]")
	}
	cases, err := readCases(arguments[1])
	if err != nil {
		return err
	}
	client, err := connect(arguments[0])
	if err != nil {
		return err
	}
	defer client.Close()
	if arguments[2] == "stream" {
		total, err := strconv.Atoi(arguments[3])
		if err != nil {
			return err
		}
		if err := stream(context.Background(), client, cases["stream"], total, 50, false); err != nil {
			return err
		}
		fmt.Printf("grpc-go: %d requests answered on one call\n", total)
		return nil
	}
	counts, failures := fleet(client, cases, !strings.Contains(arguments[0], ","))
	fmt.Printf("grpc-go: %v, %d failed\n", counts, len(failures))
	for _, failure := range failures[:min(20, len(failures))] {
		fmt.Println("grpc-go: " + failure)
	}
	if len(failures) > 0 || len(counts) != 3 {
		return fmt.Errorf("%d calls failed", len(failures))
	}
	return nil
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "fleet.go:", err)
		os.Exit(1)
	}
}
