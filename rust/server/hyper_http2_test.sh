#!/bin/sh
# Runs a test of the server with hyper under all servers that its harness starts.
TEST_HTTP2=hyper exec "$@"
