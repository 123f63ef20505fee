// A collector: the OTLP receiver of the OpenTelemetry collector, and a consumer that writes what it decoded to standard
// output, a line of OTLP's JSON for each message.
//
//	collector ADDRESS
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

var output sync.Mutex

func write(line []byte, err error) error {
	if err != nil {
		return err
	}
	output.Lock()
	defer output.Unlock()
	_, err = fmt.Printf("%s\n", line)
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig()
	check(confmap.NewFromStringMap(map[string]any{
		"protocols": map[string]any{"http": map[string]any{"endpoint": os.Args[1]}},
	}).Unmarshal(config))
	settings := receiver.Settings{
		ID:                component.NewID(factory.Type()),
		TelemetrySettings: componenttest.NewNopTelemetrySettings(),
		BuildInfo:         component.NewDefaultBuildInfo(),
	}
	metrics, err := consumer.NewMetrics(func(_ context.Context, decoded pmetric.Metrics) error {
		return write((&pmetric.JSONMarshaler{}).MarshalMetrics(decoded))
	})
	check(err)
	traces, err := consumer.NewTraces(func(_ context.Context, decoded ptrace.Traces) error {
		return write((&ptrace.JSONMarshaler{}).MarshalTraces(decoded))
	})
	check(err)
	ofMetrics, err := factory.CreateMetrics(ctx, settings, config, metrics)
	check(err)
	ofTraces, err := factory.CreateTraces(ctx, settings, config, traces)
	check(err)
	// Both are one receiver, which listens once.
	check(ofMetrics.Start(ctx, componenttest.NewNopHost()))
	check(ofTraces.Start(ctx, componenttest.NewNopHost()))
	<-ctx.Done()
	check(ofMetrics.Shutdown(context.Background()))
	check(ofTraces.Shutdown(context.Background()))
}
