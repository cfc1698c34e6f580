#!/bin/sh
# Installs what building and testing need besides Swift itself, where it is missing: with apt-get as root, else it says
# what to install.
set -eu

if ! command -v swift >/dev/null 2>&1; then
    echo "Swift 6.2 or newer is needed and not on the PATH: see https://www.swift.org/install/" >&2
    exit 1
fi

missing=""
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
pkg-config --exists jansson 2>/dev/null || missing="$missing libjansson-dev"
[ -e /usr/include/zlib.h ] || missing="$missing zlib1g-dev"
command -v jq >/dev/null 2>&1 || missing="$missing jq"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3 python3-venv"

if [ -z "$missing" ]; then
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "Please install:$missing (Debian, Ubuntu: sudo apt-get install$missing), then run this again." >&2
    exit 1
fi
echo "Installing:$missing"
apt-get update -qq
# shellcheck disable=SC2086  # a list of packages, one word each
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
