#!/bin/sh
# Deploys to bare metal, the production path: the server's sources and every migration that
# is not applied yet.  In this example the machine is a folder and its database is SQLite.
#
#     deploy.sh FOLDER
set -eu
machine=${1:?usage: deploy.sh FOLDER}
mkdir -p "$machine"
machine=$(cd "$machine" && pwd)
cd "$(dirname "$0")/../../.."

touch "$machine/applied"
for migration in migrations/*.sql; do
    if ! grep -qxF "$migration" "$machine/applied"; then
        python3 examples/deploy/linode/apply.py "$machine/cellstate.db" "$migration"
        echo "$migration" >> "$machine/applied"
        echo "applied $migration"
    fi
done

rm -rf "$machine/server"
cp -R server "$machine/server"
echo "deployed to $machine"
