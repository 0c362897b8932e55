#!/bin/sh
# Runs once when InfluxDB 2 is set up: a bucket for Grafana, and a user that may only read it.
set -eu

influx bucket create --name heatward_display --retention 0
bucket=$(influx bucket list --name heatward_display --hide-headers | cut -f1)
influx v1 dbrp create --bucket-id "$bucket" --db heatward_display --rp autogen --default
influx v1 auth create --username reader --password "$(cat /run/secrets/reader)" \
  --read-bucket "$bucket"
