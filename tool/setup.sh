# What a bare Debian 12 machine lacks: packages, a recent Node, the console's npm packages. Sourced by ./city.
#
# Installs only what is missing, tells what and how long before it begins, and never asks.

node_wanted="20.19.0"   # Vite 8's own minimum

setup() {  # setup demo|test
  setup_packages "$1"
  setup_node
}

# Packages of tool/packages.txt for this use ("test" means all of them) that are not installed. A scenario of the demo is a
# use by its own name.
missing_packages() {
  local use=$1 installed name who rest
  installed=" $(dpkg-query -W -f '${Package}:${db:Status-Status} ' 2>/dev/null) "
  while read -r name who rest; do
    [[ -z $name || $name == \#* ]] && continue
    [[ $use == test || $who == demo || $who == "$use" ]] || continue
    [[ $installed == *" $name:installed "* ]] || printf '%s ' "$name"
  done < tool/packages.txt
}

setup_packages() {
  local missing
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    die "this is not a Debian machine: install what tool/packages.txt lists by your system's own means, then use ./city build"
  fi
  read -ra missing <<<"$(missing_packages "$1")"
  ((${#missing[@]})) || return 0
  say "packages: ${#missing[@]} missing: ${missing[*]}"
  become_root
  # An old list names files that the mirror no longer has; a missing one names nothing.
  if [[ -z $(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -mmin -1440 2>/dev/null | head -1) ]] ||
     ! apt_plan "${missing[@]}" >/dev/null 2>&1; then
    say "packages: reading the list of what Debian offers (about 10 s)"
    apt_run update
  fi
  local plan need
  plan=$(apt_plan "${missing[@]}" 2>&1) || die "packages: apt cannot install them; is this Debian 12 with bookworm-security in its sources?
$(tail -5 <<<"$plan")"
  need=$(sed -n 's/^Need to get \([^ ]* [^ ]*\)\( of archives\|\/\).*/\1/p; s/^After this operation, \(.*\) of additional.*/\1 on disk/p' <<<"$plan" | paste -sd, | sed 's/,/, /')
  # An installation that was cut off leaves packages half-way; dpkg finishes them first.
  [[ -z $(dpkg --audit 2>/dev/null) ]] || $root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >>"$log_dir/apt.log" 2>&1 || true
  say "packages: installing${need:+ ($need)}, two to six minutes; details in $log_dir/apt.log"
  apt_run install "${missing[@]}"
}

# What apt would do; it declines to do it. 1 is its "no", more than that a failure.
apt_plan() {
  local rc=0
  LC_ALL=C apt-get install --no-install-recommends --assume-no "$@" || rc=$?
  ((rc <= 1))
}

become_root() {
  root=""
  ((EUID == 0)) && return
  command -v sudo >/dev/null && sudo -n true 2>/dev/null && root="sudo -n" && return
  die "packages: to install them I must be root, or be allowed sudo without a password. As root:
  apt-get update && apt-get install --no-install-recommends $(missing_packages test)"
}

# Runs apt-get with its words in a log, and shows how far it is. No question can stop it, and it waits for another apt to
# finish. How far it is comes by a pipe of its own: apt makes that one non-blocking, which a package's scripts would
# trip over on their standard output.
apt_run() {
  local what=$1 log=$log_dir/apt.log status=$log_dir/apt.status failed=
  shift
  mkdir -p "$log_dir"
  rm -f "$status"
  mkfifo "$status"
  apt_progress <"$status" &
  $root env DEBIAN_FRONTEND=noninteractive LC_ALL=C sh -c 'status=$0; exec apt-get "$@" 3>"$status"' "$status" \
    "$what" -y --no-install-recommends -o APT::Status-Fd=3 -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confold "$@" >>"$log" 2>&1 </dev/null || failed=yes
  wait $!
  rm -f "$status"
  [[ -z $failed ]] && return
  tail -20 "$log" >&2
  die "packages: apt-get $what failed; the whole account is in $log"
}

# A line that renews itself on a terminal, every tenth otherwise.
apt_progress() {
  local kind package percent text doing shown=
  while IFS=: read -r kind package percent text; do
    [[ $kind == dlstatus || $kind == pmstatus ]] || continue
    doing=installing
    [[ $kind == dlstatus ]] && doing=fetching
    percent=${percent%.*}
    if [[ -t 2 ]]; then
      printf '\r\033[K  %s %3d%%  %s' "$doing" "$percent" "${text:0:60}" >&2
    elif [[ $shown != "$doing$((percent / 20))" ]]; then
      shown=$doing$((percent / 20))
      printf '  %s %d%%\n' "$doing" "$percent" >&2
    fi
  done
  [[ -t 2 ]] && printf '\r\033[K' >&2
  return 0
}

# True when version $1 is at least version $2.
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -1) == "$2" ]]; }

node_is_recent() {
  local found
  found=$(node --version 2>/dev/null) && version_at_least "${found#v}" "$node_wanted" && command -v npm >/dev/null
}

# A Node that is there and recent is used as it is. Debian 12's own is too old for Vite; it serves to fetch a newer one
# from npm into .cache/node, where nothing else of the machine sees it.
setup_node() {
  node_is_recent && return
  if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
    say "node: none here; installing Debian's, to fetch a newer one with it (one to two minutes)"
    become_root
    apt_run install nodejs npm
  fi
  local arch
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64) arch=arm64 ;;
    *) die "node: version $node_wanted or newer is needed; install it by hand for $(uname -m)" ;;
  esac
  say "node: $(node --version) is older than $node_wanted; fetching version 22 into .cache/node (about 30 s)"
  mkdir -p .cache/node "$log_dir"
  npm install --prefix .cache/node --no-audit --no-fund --no-save "node-linux-$arch@22" npm@10 >"$log_dir/node.log" 2>&1 ||
    die "node: npm could not fetch it; see $log_dir/node.log"
  mkdir -p .cache/node/bin
  ln -sf "../node_modules/node-linux-$arch/bin/node" .cache/node/bin/node
  printf '#!/bin/sh\nexec node "%s/.cache/node/node_modules/npm/bin/npm-cli.js" "$@"\n' "$PWD" >.cache/node/bin/npm
  chmod +x .cache/node/bin/npm
  use_cached_node
  node_is_recent || die "node: the fetched one does not run; see $log_dir/node.log"
}

use_cached_node() { [[ -x .cache/node/bin/node ]] && PATH=$PWD/.cache/node/bin:$PATH; true; }
