#!/bin/sh
# Installs or upgrades the gateway as a systemd service: install.sh PACKAGE, an archive or what npm finds under that name.
# The new version is whole before it takes the old one's place, and the old one stays beside it as /opt/bailiwick.previous.
# DESTDIR puts everything below another folder, for packagers.
set -eu

package=${1:?usage: install.sh PACKAGE}
case $package in *.tgz) package=$(realpath "$package") ;; esac
dest=${DESTDIR:-}
place=$dest/opt/bailiwick

command -v npm >/dev/null || { echo "npm 10 or newer is needed to install; the gateway itself does not use it" >&2; exit 1; }

umask 022
rm -rf "$place.next"
mkdir -p "$place.next/bin" "$dest/etc/bailiwick" "$dest/etc/systemd/system"
npm install --prefix "$place.next" --omit=dev --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error "$package"

# The Node that came along, at a path that does not depend on the processor.
for node in "$place.next"/node_modules/node-*/bin/node; do
  if [ -x "$node" ]; then ln -s "../${node#"$place.next"/}" "$place.next/bin/node"; fi
done
"$place.next/bin/node" "$place.next/node_modules/bailiwick/bin/bailiwick.mjs" --version

install -m 0644 "$place.next/node_modules/bailiwick/packaging/systemd/bailiwick.service" "$dest/etc/systemd/system/bailiwick.service"

rm -rf "$place.previous"
if [ -e "$place" ]; then mv "$place" "$place.previous"; fi
mv "$place.next" "$place"

echo "Installed into $place. Next: write /etc/bailiwick/bailiwick.yaml, then systemctl daemon-reload and systemctl enable --now bailiwick"
