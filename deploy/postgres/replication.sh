#!/bin/bash
# Run once, when the primary's volume is new: the replica may follow it.
set -euo pipefail
echo 'host replication all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
