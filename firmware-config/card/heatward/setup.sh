#!/bin/sh
# Makes a node of a Raspberry Pi: program, service, settings, all from the card. Needs no network.
# May run again at any time: every step replaces what it finds. On the card's first partition it
# leaves heatward-error.txt where something is wrong, for somebody with a PC.
set -eu
umask 022 # the node runs as nobody in particular, and must be able to read its program
boot=${HEATWARD_BOOT:-/boot/firmware}
[ -d "$boot/heatward" ] || boot=/boot
root=${HEATWARD_ROOT:-}
card=$boot/heatward

fail() {
  printf '\357\273\277%s\r\n' "$@" >"$boot/heatward-error.txt"
  sync
  exit 1
}

# shellcheck disable=SC1091  # written by heatward node-kit beside this file
. "$card/settings.env"
: "${NODE:?}" "${VERSION:?}" "${RELEASE:?}" "${TIMEZONE:?}" "${COUNTRY:?}" "${TIME_SERVERS?}" "${PACKAGE_MIRROR?}"
: "${HOTSPOT:?}" "${HOTSPOT_PASSWORD:?}" "${SSH_KEY?}"

rm -f "$boot/heatward-error.txt"
(cd "$boot" && sha256sum --quiet -c heatward/SHA256SUMS) >/dev/null 2>&1 ||
  fail '卡上的文件不完整，请重新拷贝整个文件夹。' 'Files on this card are damaged: copy the whole folder again.'

# The program: pure Python, unpacked next to other versions; the switch is one rename.
opt=$root/opt/heatward
versions=$opt/versions
mkdir -p "$versions" "$opt/bin"
rm -rf "$versions/$VERSION.new"
mkdir "$versions/$VERSION.new"
for wheel in "$card"/wheels/*.whl; do
  python3 -m zipfile -e "$wheel" "$versions/$VERSION.new" ||
    fail "安装包损坏：$wheel" "A package is damaged: $wheel"
done
printf '%s\n' "$RELEASE" >"$versions/$VERSION.new/RELEASE"
rm -rf "${versions:?}/$VERSION"
mv "$versions/$VERSION.new" "$versions/$VERSION"
ln -sfn "versions/$VERSION" "$opt/current.new"
mv -T "$opt/current.new" "$opt/current"
for program in "$card"/bin/*; do
  install -m 0755 "$program" "$opt/bin/"
done

# Settings. None of them is secret; the node makes its key itself.
install -d -m 0755 "$root/etc/heatward"
install -m 0644 "$card/node.toml" "$card/ca.pem" "$card/update.pem" \
  "$root/etc/heatward/"
install -d -m 0755 "$root/etc/systemd/system"
for unit in "$card"/system/*; do
  install -m 0644 "$unit" "$root/etc/systemd/system/"
done
for place in systemd/journald.conf.d systemd/system.conf.d systemd/timesyncd.conf.d apt/apt.conf.d; do
  install -d -m 0755 "$root/etc/$place"
done
install -m 0644 "$card/conf/journald.conf" "$root/etc/systemd/journald.conf.d/heatward.conf"
install -m 0644 "$card/conf/watchdog.conf" "$root/etc/systemd/system.conf.d/heatward.conf"
install -m 0644 "$card/conf/upgrades.conf" "$root/etc/apt/apt.conf.d/52heatward"
printf '[Time]\nNTP=%s\n' "$TIME_SERVERS" >"$root/etc/systemd/timesyncd.conf.d/heatward.conf"
ln -sfn "/usr/share/zoneinfo/$TIMEZONE" "$root/etc/localtime"
printf '%s\n' "$NODE" >"$root/etc/hostname"
if [ -n "$PACKAGE_MIRROR" ]; then
  for list in "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*; do
    [ -f "$list" ] && sed -i "s|https\{0,1\}://deb\.debian\.org|$PACKAGE_MIRROR|g" "$list"
  done
fi

# The phone hotspot whose name stands on the label; the home's own network comes by wifi.txt.
networks=$root/etc/NetworkManager/system-connections
install -d -m 0700 "$networks"
(
  umask 077
  printf '[connection]\nid=heatward-hotspot\ntype=wifi\nautoconnect-priority=-10\n' \
    >"$networks/heatward-hotspot.nmconnection"
  printf '[wifi]\nssid=%s\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=%s\n' \
    "$HOTSPOT" "$HOTSPOT_PASSWORD" >>"$networks/heatward-hotspot.nmconnection"
)
# Nobody signs in to a node: no password, no questions at the first start, ssh by key or not at all.
if [ -n "$SSH_KEY" ]; then
  administrator=$root/root
  install -d -m 0700 "$administrator/.ssh"
  printf '%s\n' "$SSH_KEY" >"$administrator/.ssh/authorized_keys"
fi
[ -z "$root" ] || exit 0  # a test into a folder ends here: what follows is about a running system

if command -v raspi-config >/dev/null 2>&1; then
  raspi-config nonint do_wifi_country "$COUNTRY" || true
fi
rfkill unblock wifi 2>/dev/null || true
systemctl disable --now userconfig.service 2>/dev/null || true
if [ -n "$SSH_KEY" ]; then
  systemctl enable ssh.service 2>/dev/null || true
else
  systemctl mask ssh.service ssh.socket 2>/dev/null || true
fi
systemctl daemon-reload
systemctl enable heatward-wifi.service heatward-code.path heatward-upgrades.timer \
  heatward-update.path heatward-settle.timer heatward-wipe.path
systemctl restart systemd-journald.service systemd-timesyncd.service || true
systemctl enable --now heatward-node.service
systemctl start heatward-wifi.service heatward-code.path heatward-upgrades.timer \
  heatward-update.path heatward-settle.timer heatward-wipe.path || true
