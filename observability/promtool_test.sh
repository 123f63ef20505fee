#!/usr/bin/env bash
# Checks the rules for Prometheus, and runs their unit tests. Fails where promtool is not installed.
set -euo pipefail
cd "$(dirname "$0")/prometheus"
promtool check rules --lint=all rules.yml
promtool test rules rules_test.yml
