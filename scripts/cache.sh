# shellcheck shell=bash
# Sourced by scripts/libtorch, scripts/python and others: what they fetch goes into the user's
# cache, in folders that are complete or absent, even after an interruption.

cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/mnist-tch
staging=$cache/staging.$HOSTNAME.$$

say() { echo "${0##*/}: $*" >&2; }
fail() { echo "error: $*" >&2; exit 1; }

# install_with DEBIAN FEDORA MACOS: the command that installs a missing tool here.
install_with() {
  if [[ $(uname -s) == Darwin ]]; then echo "$3"
  elif command -v apt-get >/dev/null; then echo "sudo apt-get install $1"
  elif command -v dnf >/dev/null; then echo "sudo dnf install $2"
  else echo "your system's package manager"; fi
}

check_python() {
  command -v python3 >/dev/null ||
    fail "python3 is missing (its pip fetches the packages): install it with" \
      "\`$(install_with 'python3 python3-pip' 'python3 python3-pip' 'xcode-select --install')\`"
}

check_pip() {
  check_python
  (cd / && python3 -m pip --version) >/dev/null 2>&1 ||
    fail "pip is missing (\`python3 -m pip\` fails): install it with" \
      "\`$(install_with python3-pip python3-pip 'python3 -m ensurepip --user')\`"
}

# open_staging MEGABYTES: an empty folder $staging on the cache's disk, removed when the script ends.
open_staging() {
  local free
  mkdir -p "$cache"
  remove_leftovers
  free=$(df -Pk "$cache" | awk 'NR == 2 { print int($4 / 1000) }')
  ((free >= $1)) ||
    fail "too little space in $cache: $1 MB are needed while fetching, $free MB are free;" \
      "free some, or set XDG_CACHE_HOME to a folder on another disk"
  trap 'rm -rf "$staging"' EXIT
  trap 'exit 130' INT TERM HUP
  mkdir "$staging"
}

# Removes what dead processes left behind; that of other machines once it is a day old.
remove_leftovers() {
  local folder pid
  for folder in "$cache/staging.$HOSTNAME".*; do
    pid=${folder##*.}
    [[ -d $folder ]] || continue
    [[ $pid != "$$" ]] && kill -0 "$pid" 2>/dev/null || rm -rf "$folder" || true
  done
  find "$cache" -maxdepth 1 -name 'staging.*' -mtime +0 -exec rm -rf {} + 2>/dev/null || true
}

# pip COMMAND ARGUMENTS...: with its temporary files in $staging, and nothing kept elsewhere.
pip() {
  (cd "$staging" && TMPDIR=$staging PIP_REQUIRE_VIRTUALENV=0 PIP_ROOT_USER_ACTION=ignore \
    python3 -m pip "$@" --only-binary=:all: --no-cache-dir --disable-pip-version-check) >&2 ||
    fail "\`pip $1\` failed (its messages are above; it needs a network and pip 20.3 or newer):" \
      "nothing was kept, and running this again starts over"
}

# publish FOLDER FINAL: one rename, once all is on the disk. If another process was faster, its
# folder is used.
publish() {
  sync
  python3 -c 'import os, sys; os.rename(sys.argv[1], sys.argv[2])' "$@" 2>/dev/null ||
    [[ -d $2 ]] || fail "could not move $1 to $2"
}
