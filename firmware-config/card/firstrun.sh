#!/bin/sh
# Raspberry Pi OS Bookworm: called once by the kernel command line; Trixie uses user-data.
# Both only call heatward/setup.sh.
set -u
boot=/boot/firmware
[ -d "$boot/heatward" ] || boot=/boot
sh "$boot/heatward/setup.sh"
rm -f "$boot/firstrun.sh"
sed -i 's| systemd\.run[^ ]*||g; s| systemd\.unit=kernel-command-line\.target||g' "$boot/cmdline.txt"
exit 0
