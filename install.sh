# shellcheck shell=sh
# Sourced by ./run and ./check, which set root: one virtual environment from a lock file. POSIX sh.
: "${root:?}"

say() { printf '%s\n' "== $*"; }

fail() {
  printf '\n!! %s\n' "$@" >&2
  exit 1
}

# find_python: print the name of a Python that is new enough; fails where there is none.
find_python() {
  for name in python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info)' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
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

# pip_install ARGUMENTS...: with what it downloads, where that is large, and what it complains of.
pip_install() {
  pip_failed=$root/.venv/pip-failed
  rm -f "$pip_failed"
  { "$root/.venv/bin/python" -m pip install --disable-pip-version-check --progress-bar off "$@" ||
    : >"$pip_failed"; } | while IFS= read -r line; do
    case $line in
    *Downloading*' MB)')
      line=${line##*/}
      printf '   %s\n' "${line##*Downloading }"
      ;;
    esac
  done
  [ ! -e "$pip_failed" ]
}

# is_sound PYTHON: whether the environment of this python is whole, and where it was made.
is_sound() {
  grep -qF "$root/.venv" "$root/.venv/bin/activate" 2>/dev/null && "$1" -m pip -V >/dev/null 2>&1
}

# new_environment PYTHON: an empty .venv with pip, in place of one that is broken or was moved.
new_environment() {
  "$1" -c 'import ensurepip, venv' 2>/dev/null || apt_install python3-venv
  "$1" -m venv --clear "$root/.venv" || fail '无法建立 .venv / .venv cannot be made'
}

# install LOCK MEGABYTES: bring .venv to what a lock file says, unless it is there already.
install() {
  lock=$1
  # The place is part of it: the commands in .venv/bin name it in their first line.
  stamp=$({ printf '%s\n' "$root"; cat "$root/$lock" "$root/node/pyproject.toml" \
    "$root/dashboards/pyproject.toml" \
    "$root/collector/pyproject.toml"; } | sha256sum | cut -d' ' -f1)
  python=$root/.venv/bin/python
  if [ "$(cat "$root/.venv/stamp-$lock" 2>/dev/null)" = "$stamp" ] &&
    "$python" -c '' 2>/dev/null; then
    return 0
  fi
  if ! is_sound "$python"; then
    found=$(find_python) || {
      apt_install python3 python3-venv
      found=$(find_python) ||
        fail '需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed'
    }
    new_environment "$found"
  fi
  if [ -n "${HEATWARD_PACKAGE_INDEX:-}" ]; then
    PIP_INDEX_URL=$HEATWARD_PACKAGE_INDEX
    export PIP_INDEX_URL
  fi
  count=$(grep -c '==' "$root/$lock")
  say "安装 $count 个依赖，首次约下载 $2 MB"
  say "installing $count dependencies, about $2 MB to download the first time"
  pip_install --require-hashes -r "$root/$lock" ||
    fail '依赖安装失败 / installing the dependencies failed' \
      '网络慢可设镜像 / behind a slow network name a mirror:  HEATWARD_PACKAGE_INDEX=<URL> ./run'
  say '安装 heatward 及其组件 / installing heatward and its parts'
  pip_install --no-deps --editable "$root/node" --editable "$root/dashboards" \
    --editable "$root/collector" ||
    fail '本项目安装失败 / installing the project failed'
  printf '%s' "$stamp" >"$root/.venv/stamp-$lock"
  say "完成，占用磁盘 / done, on disk: $(du -sh "$root/.venv" | cut -f1)"
}
