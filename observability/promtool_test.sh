#!/usr/bin/env bash
# Checks the rules for Prometheus, and runs their unit tests: promtool_test.sh PROMTOOL
set -euo pipefail
promtool=$PWD/$1
cd "$(dirname "$0")/prometheus"
"$promtool" check rules --lint=all rules.yml
"$promtool" test rules rules_test.yml
