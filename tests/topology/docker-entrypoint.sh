#!/bin/sh
# What the entrypoint of docker.io/library/postgres does, as far as compose.postgres.yaml asks for it.
set -eu
[ "$1" = postgres ]
if [ ! -s "$PGDATA/PG_VERSION" ]; then
	# shellcheck disable=SC2086 # several arguments, as in the image
	initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" \
		--auth=scram-sha-256 $POSTGRES_INITDB_ARGS
	echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
	echo "create database $POSTGRES_DB" | postgres --single -D "$PGDATA" postgres
fi
exec "$@"
