# Compiles the C++ and the console. Sourced by ./city; tool/lib/build.mjs calls it through ./city build.
#
# Progress is one line that renews itself on a terminal, and a line every tenth elsewhere; a failure prints what the
# compiler said.

configure() {  # configure PRESET
  [[ -f build/$1/build.ninja ]] && return
  mkdir -p "$log_dir"
  say "build: describing the build ($1)"
  cmake --preset "$1" >"$log_dir/configure-$1.log" 2>&1 || {
    cat "$log_dir/configure-$1.log" >&2
    rm -f "build/$1/build.ninja"
    die "build: cmake failed"
  }
}

build_targets() {  # build_targets PRESET [TARGET…]
  local preset=$1 start=$SECONDS log=$log_dir/build-$1.log expected
  shift
  configure "$preset"
  # A first build on two cores; what ccache and ninja know already takes no time.
  expected=""
  [[ -f build/$preset/.ninja_log && $(wc -l <"build/$preset/.ninja_log") -gt 50 ]] ||
    expected="; a first build takes 6 to 12 minutes on two cores"
  say "build: compiling ($preset)$expected"
  if ! NINJA_STATUS="%f/%t " ninja -C "build/$preset" "$@" 2>&1 | build_progress "$log"; then
    grep -vE '^[0-9]+/[0-9]+ |^/usr/bin/cmake -E env|^ninja: Entering' "$log" | tail -80 >&2
    die "build: failed; the whole account is in $log"
  fi
  say "build: done in $(seconds_since "$start")"
}

build_progress() {
  local line done_ total shown=0
  : >"$1"
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$1"
    [[ $line =~ ^([0-9]+)/([0-9]+)\  ]] || continue
    done_=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
    if [[ -t 2 ]]; then
      printf '\r\033[K  %d of %d' "$done_" "$total" >&2
    elif ((total >= 20 && done_ * 10 / total != shown)); then
      shown=$((done_ * 10 / total))
      printf '  %d of %d\n' "$done_" "$total" >&2
    fi
  done
  [[ -t 2 ]] && printf '\r\033[K' >&2
  return 0
}

install_web() {
  node tool/lib/web_state.mjs installed && return
  say "console: fetching its npm packages (about a minute)"
  mkdir -p "$log_dir"
  # Not `npm ci`: it refuses a lockfile from which packages for other platforms are missing, and a registry need not hold those.
  rm -rf web/node_modules
  npm install --no-save --prefix web --no-audit --no-fund >"$log_dir/npm.log" 2>&1 || {
    tail -20 "$log_dir/npm.log" >&2
    die "console: npm failed; see $log_dir/npm.log"
  }
}

build_web() {
  install_web
  node tool/lib/web_state.mjs built && return
  say "console: building (about 30 s)"
  npm --prefix web run --silent build >"$log_dir/web.log" 2>&1 || {
    tail -40 "$log_dir/web.log" >&2
    die "console: the build failed"
  }
  node tool/lib/web_state.mjs mark
}
