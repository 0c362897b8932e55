#!/bin/sh
# Makes every secret of a server, once, each random: no password is a default one. The
# folder is for its owner alone; inside, containers under other users must be able to read.
set -eu
folder=${1:-secrets}
umask 077
mkdir -p "$folder"

make() {
  [ -s "$folder/$1" ] ||
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$1"
  chmod 644 "$folder/$1"
}

for name in influxdb_admin influxdb_admin_token influxdb reader mqtt grafana_admin; do
  make "$name"
done
if [ ! -s "$folder/mosquitto_users" ]; then
  printf 'heatward:%s\n' "$(cat "$folder/mqtt")" >"$folder/mosquitto_users"
  chmod 644 "$folder/mosquitto_users"
fi
printf '%s\n' "$folder"
printf '%s\n' "再运行 / then run: docker compose run --rm broker-password"
