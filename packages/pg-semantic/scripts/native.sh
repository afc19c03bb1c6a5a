#!/usr/bin/env bash
# A real Postgres server with pgvector for tests and benches, without touching the system. Prints its URL as the last line.
#
#   native.sh [start|stop] [folder]      folder: where the Debian recipe keeps the server; default $TMPDIR/agent-cache-native
#
# Tried in this order: DATABASE_URL (printed as it is), Docker, a Debian release in a chroot (root on Debian; needs 2 GB, some minutes once).
set -euo pipefail

COMMAND=${1:-start}
FOLDER=${2:-${TMPDIR:-/tmp}/agent-cache-native}
PORT=${NATIVE_PORT:-54317}
CONTAINER=agent-cache-native
IMAGE=pgvector/pgvector:pg17
# The oldest Debian release that packages pgvector for its Postgres.
SUITE=trixie
VERSION=17
BIN=/usr/lib/postgresql/$VERSION/bin
DATA=/var/lib/agent-cache-postgres
# Parallel index builds allocate shared memory; a chroot has no /dev/shm.
SETTINGS="-p $PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories=/tmp -c dynamic_shared_memory_type=mmap \
-c max_connections=200 -c maintenance_work_mem=512MB -c shared_buffers=1GB"

say() { echo "native: $*" >&2; }
fail() {
  say "$*"
  exit 1
}
in_server() { chroot "$FOLDER/root" su postgres -c "$1"; }
has_docker() { command -v docker > /dev/null && docker info > /dev/null 2>&1; }

with_docker() {
  say "starting $IMAGE in Docker"
  docker rm --force "$CONTAINER" > /dev/null 2>&1 || true
  docker run --detach --name "$CONTAINER" --shm-size 512m --publish "127.0.0.1:$PORT:5432" \
    --env POSTGRES_HOST_AUTH_METHOD=trust "$IMAGE" > /dev/null
  for _ in $(seq 60); do
    # Over TCP: the image's first start listens on its socket only, before it restarts.
    if docker exec "$CONTAINER" pg_isready --quiet --host 127.0.0.1 --username postgres; then return; fi
    sleep 1
  done
  fail "the container does not answer; see: docker logs $CONTAINER"
}

own_mirror() {
  local lines
  lines=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2> /dev/null || true)
  grep -vE '^ *#' <<< "$lines" | grep -oE --max-count 1 'https?://[^ ]+/debian/?( |$)' | tr -d ' ' || true
}

# debootstrap unpacked from its package, with an apt state of our own: nothing is installed.
unpack_debootstrap() {
  local mirror=$1 release
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mkdir -p "$FOLDER"/apt/{lists/partial,cache/archives/partial}
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" > "$FOLDER/apt/sources.list"
  local options=(-o "Dir::Etc::sourcelist=$FOLDER/apt/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$FOLDER/apt/lists" -o "Dir::Cache=$FOLDER/apt/cache" -o APT::Sandbox::User=root)
  apt-get "${options[@]}" update -qq >&2
  (cd "$FOLDER/apt" && apt-get "${options[@]}" download debootstrap > /dev/null && dpkg -x debootstrap_*.deb unpacked)
}

make_chroot() {
  local mirror
  mirror=$(own_mirror)
  [ -n "$mirror" ] || fail "no Debian mirror in /etc/apt; set DATABASE_URL or start Docker"
  say "making a Debian $SUITE with Postgres $VERSION and pgvector in $FOLDER (some minutes)"
  rm -rf "$FOLDER/root" "$FOLDER/apt"
  unpack_debootstrap "$mirror"
  DEBOOTSTRAP_DIR=$FOLDER/apt/unpacked/usr/share/debootstrap "$FOLDER/apt/unpacked/usr/sbin/debootstrap" \
    --variant=minbase --include="postgresql-$VERSION,postgresql-$VERSION-pgvector" "$SUITE" "$FOLDER/root" "$mirror" >&2
  chroot "$FOLDER/root" install -d -o postgres "$DATA"
  in_server "$BIN/initdb -D $DATA/data -A trust -E UTF8 --locale=C" >&2
  touch "$FOLDER/made"
}

with_chroot() {
  [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] ||
    fail 'no way to a server: set DATABASE_URL, start Docker, or run this as root on Debian'
  [ -f "$FOLDER/made" ] || make_chroot
  in_server "$BIN/pg_ctl -D $DATA/data status" > /dev/null 2>&1 ||
    in_server "$BIN/pg_ctl -D $DATA/data -w -l $DATA/log -o '$SETTINGS' start" >&2
}

start() {
  if [ -n "${DATABASE_URL:-}" ]; then
    echo "$DATABASE_URL"
    return
  fi
  if has_docker; then with_docker; else with_chroot; fi
  echo "postgres://postgres@127.0.0.1:$PORT/postgres"
}

stop() {
  if has_docker; then docker rm --force "$CONTAINER" > /dev/null 2>&1 || true; fi
  if [ -f "$FOLDER/made" ]; then in_server "$BIN/pg_ctl -D $DATA/data -m fast stop" >&2; fi
}

case $COMMAND in
  start) start ;;
  stop) stop ;;
  *) fail "unknown command '$COMMAND': start or stop" ;;
esac
