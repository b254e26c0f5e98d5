#!/bin/bash
# Copies the primary at the first start, and then follows it.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  install -d -m 700 -o postgres -g postgres "$PGDATA"
  gosu postgres pg_basebackup --host=postgres --username=ekphrasis --pgdata="$PGDATA" \
    --write-recovery-conf --wal-method=stream --checkpoint=fast
fi
exec gosu postgres postgres -c shared_buffers=512MB -c random_page_cost=1.1 \
  -c hot_standby_feedback=on -c max_connections=200
