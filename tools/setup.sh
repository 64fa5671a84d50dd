#!/bin/sh
# Makes what the project needs inside its own folder: .venv, node_modules, static/dist.
#
#   sh tools/setup.sh local     to run it: Python packages, servers, the front end
#   sh tools/setup.sh dev       to work on it: the above and all tools
#   sh tools/setup.sh browser   a Chromium for the browser tests, where it can be installed
#
# A second call finds that nothing changed and returns at once. What goes wrong is one sentence.
set -eu
cd "$(dirname "$0")/.."

VENV_PYTHON=.venv/bin/python
LOG=var/setup.log

say() { printf '%s\n' "$*"; }
fail() { printf '\n%s\n' "$*" >&2; exit 1; }

# -- one sentence for what usually goes wrong ---------------------------------------------------

explain() { # $1: what was being done
    if grep -qiE 'No space left on device|ENOSPC|Errno 28' "$LOG"; then
        fail "The disk is full: $1 stopped. Make room and run the same command again."
    elif grep -qiE 'Permission denied|EACCES|Errno 13' "$LOG"; then
        fail "Permission denied: this folder was set up by another user. Run as that user, or remove .venv, node_modules and var."
    elif grep -qiE 'name resolution|Name or service|Network is unreachable|Connection refused|timed out|Max retries|ProxyError|NewConnectionError|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ECONNRESET' "$LOG"; then
        fail "The network does not answer: $1 needs it the first time. Connect, or set the proxy, and run the same command again."
    elif grep -qiE 'DO NOT MATCH THE HASHES' "$LOG"; then
        fail "A package is not the one that was locked (its hash differs). Check the package index you use; nothing was installed."
    elif grep -qiE 'No matching distribution|Could not find a version' "$LOG"; then
        package=$(sed -n 's/.*No matching distribution found for \([^ ]*\).*/\1/p' "$LOG" | head -n 1)
        fail "There is no ready-made build of ${package:-a package} for $("$VENV_PYTHON" -c 'import platform; print("Python", platform.python_version(), "on", platform.system(), platform.machine())'). Use Python 3.11 to 3.13 on Linux (glibc 2.28 or newer) or macOS."
    fi
    tail -n 15 "$LOG" >&2
    fail "Failed: $1. The whole output is in $LOG."
}

# -- Python -------------------------------------------------------------------------------------

find_python() {
    for name in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python3.14; do
        [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 || continue
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s' "$name"
            return
        fi
    done
    found=$(python3 --version 2>/dev/null || printf 'none')
    fail "Python 3.11 or newer is needed (found: $found). Install it, or name it: make run PYTHON=/path/to/python3.11"
}

make_venv() {
    if [ -x "$VENV_PYTHON" ] && "$VENV_PYTHON" -m pip --version >/dev/null 2>&1; then
        return
    fi
    python=$(find_python)
    say "Making the Python environment (.venv)"
    rm -rf .venv
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "This Python has no venv module. On Debian and Ubuntu: apt-get install python3-venv"
    "$python" -m venv .venv >"$LOG" 2>&1 || explain "making .venv"
}

is_installed() {
    cmp -s "requirements/$1.txt" ".venv/installed-$1.txt" && return
    # Whoever works on the project has all of it.
    [ "$1" = local ] && cmp -s requirements/dev.txt .venv/installed-dev.txt
}

install_packages() { # $1: which requirements, $2: what to say
    is_installed "$1" && return
    say "$2"
    # Ready-made builds only, so that no compiler is ever needed.
    {
        "$VENV_PYTHON" -m pip install --disable-pip-version-check --no-input --require-hashes \
            --only-binary=:all: -r "requirements/$1.txt" 2>&1 || echo failed >"$LOG.failed"
    } | tee "$LOG" | sed -n -e 's/^Collecting \([^ ]*\).*/  \1/p' -e 's/^Installing collected.*/  unpacking all of them/p'
    if [ -e "$LOG.failed" ]; then
        rm -f "$LOG.failed"
        explain "installing Python packages"
    fi
    cp "requirements/$1.txt" ".venv/installed-$1.txt"
}

# -- front end ----------------------------------------------------------------------------------

have_node() {
    command -v npm >/dev/null 2>&1 && command -v node >/dev/null 2>&1 &&
        node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' >/dev/null 2>&1
}

find_node() {
    have_node && return
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
    have_node && return
    install_packages node "Installing Node (this machine has none of version 20 or newer)"
    have_node || fail "Node 20 or newer is needed to build the pages' scripts, and the packaged one does not run here."
}

build_front_end() {
    changed=$(find package-lock.json build.mjs static/css static/js -newer static/dist/.built 2>/dev/null | head -n 1 || true)
    if [ -e static/dist/.built ] && [ -z "$changed" ]; then
        return
    fi
    find_node
    if ! cmp -s package-lock.json node_modules/.installed-lock.json; then
        say "Installing front-end packages"
        npm ci --no-audit --no-fund --loglevel=error >"$LOG" 2>&1 || explain "installing front-end packages"
        cp package-lock.json node_modules/.installed-lock.json
    fi
    say "Building styles and scripts"
    npm run build --silent >"$LOG" 2>&1 || explain "building the front end"
    touch static/dist/.built
}

# -- browser, for tests -------------------------------------------------------------------------

have_browser() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

install_browser() {
    have_browser && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        say "Installing Chromium for the browser tests"
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            chromium fonts-dejavu-core; } >"$LOG" 2>&1 && have_browser && return
    fi
    [ "${CI:-}" != true ] || explain "installing Chromium"
    say "No Chromium here, and none could be installed: the browser tests will be skipped."
}

mkdir -p var 2>/dev/null && : 2>/dev/null >"$LOG" ||
    fail "This folder cannot be written (var/setup.log): it belongs to another user, or the disk is full."

case "${1:-}" in
    local)
        make_venv
        install_packages local "Installing Python packages and the servers (about a minute, once)"
        build_front_end
        ;;
    dev)
        make_venv
        install_packages dev "Installing Python packages, servers and tools (a minute or two, once)"
        build_front_end
        ;;
    browser) install_browser ;;
    *) fail "Say what to set up: local, dev or browser." ;;
esac
