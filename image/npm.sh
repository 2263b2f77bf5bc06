#!/bin/sh
# npm inside a build stage, with the registry and certificates that the build was handed as secrets; both may be missing.
# Nothing of them is written into the tree that npm makes.
set -eu

if [ -s /run/secrets/npmrc ]; then export NPM_CONFIG_USERCONFIG=/run/secrets/npmrc; fi
if [ -s /run/secrets/ca ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi

exec npm "$@" --no-audit --no-fund --no-update-notifier --omit-lockfile-registry-resolved
