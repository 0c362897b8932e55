# Sourced by ./run and ./check: one virtual environment from a lock file. POSIX sh.

say() { printf '%s\n' "== $*"; }

fail() {
  printf '\n!! %s\n' "$@" >&2
  exit 1
}

find_python() {
  for name in python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info)' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  fail '需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed' \
    '请运行 / run:  apt-get install python3 python3-venv'
}

# apt_install PACKAGE...: install what is missing, or name the command that would.
apt_install() {
  missing=''
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null 2>&1 ||
    fail "缺少 / missing:$missing" '请用系统的软件管理器安装 / install them with your package manager'
  [ "$(id -u)" = 0 ] ||
    fail "缺少 / missing:$missing" "请运行 / run:  sudo apt-get install$missing"
  say "安装系统软件包 / installing system packages:$missing"
  # shellcheck disable=SC2086  # one word a package
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends $missing; } >"$root/.venv-apt.log" 2>&1 ||
    { tail -n 20 "$root/.venv-apt.log" >&2; fail '安装失败 / installing failed'; }
  rm -f "$root/.venv-apt.log"
}

# install LOCK: bring .venv to what a lock file says, unless it is there already.
install() {
  lock=$1
  python=$(find_python)
  stamp=$(cat "$root/$lock" "$root/node/pyproject.toml" "$root/collector/pyproject.toml" |
    sha256sum | cut -d' ' -f1)
  if [ "$(cat "$root/.venv/stamp-$lock" 2>/dev/null)" = "$stamp" ]; then
    return 0
  fi
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    apt_install python3-venv
  fi
  if [ -n "${HEATWARD_PACKAGE_INDEX:-}" ]; then
    PIP_INDEX_URL=$HEATWARD_PACKAGE_INDEX
    export PIP_INDEX_URL
  fi
  [ -x "$root/.venv/bin/python" ] || "$python" -m venv "$root/.venv"
  count=$(grep -c '==' "$root/$lock")
  say "安装 $count 个依赖（首次需下载）/ installing $count dependencies (the first time downloads them)"
  "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
    -r "$root/$lock" ||
    fail '依赖安装失败 / installing the dependencies failed' \
      '网络慢可设镜像 / behind a slow network name a mirror:  HEATWARD_PACKAGE_INDEX=<URL> ./run'
  say '安装 heatward 与 heatward-node / installing heatward and heatward-node'
  "$root/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
    --editable "$root/node" --editable "$root/collector" ||
    fail '本项目安装失败 / installing the project failed'
  printf '%s' "$stamp" >"$root/.venv/stamp-$lock"
  say "完成，占用磁盘 / done, on disk: $(du -sh "$root/.venv" | cut -f1)"
}
