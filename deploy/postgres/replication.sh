#!/bin/bash
# Runs once, when the primary's volume is new: it allows the replica to follow.
set -euo pipefail
echo 'host replication all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
