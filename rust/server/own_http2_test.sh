#!/bin/sh
# Runs a test of the server with our own HTTP/2 under all servers that its harness starts.
TEST_HTTP2=own exec "$@"
