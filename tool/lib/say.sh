# What the shell parts of ./city say with, and where their logs go. Sourced.
log_dir=$PWD/build/log
if [[ -t 2 ]]; then
  say() { printf '\033[1m[city]\033[0m %s\n' "$*" >&2; }
else
  say() { printf '[city] %s\n' "$*" >&2; }
fi
die() {
  printf '[city] %s\n' "$*" >&2
  exit 1
}
seconds_since() { printf '%d s' $((SECONDS - $1)); }
