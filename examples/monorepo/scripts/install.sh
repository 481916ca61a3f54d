#!/bin/sh
# Installs the server's sources of a release into a folder, /opt/cellstate by default.
#
#     install.sh [--version] [FOLDER]
#
# CELLSTATE_SOURCE is a folder with an unpacked release; default, the one of this script.
set -eu
version=0.5.5
if [ "${1:-}" = --version ]; then
    echo "$version"
    exit
fi
source=${CELLSTATE_SOURCE:-$(dirname "$0")/..}
folder=${1:-/opt/cellstate}
mkdir -p "$folder"
cp -R "$source/server" "$source/migrations" "$folder"
echo "cellstate $version is in $folder"
