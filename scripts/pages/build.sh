#!/bin/sh
# Makes the scripts of others that the pages use again from the versions in package-lock.json, and the licenses of its parts.
# Needs Node.js and npm. Renew: change the versions in package.json, `npm install`, then this.
set -eu
cd "$(dirname "$0")"
npm ci --silent
npm run --silent build
for package in node_modules/*/ node_modules/@*/*/; do
    [ -f "$package/package.json" ] || continue
    case $package in *esbuild*) continue ;; esac
    node -p "const p = require('./$package/package.json'); p.name ? p.name + ' ' + p.version + ' (' + p.license + ')' : ''"
    find "$package" -maxdepth 1 -iname 'license*' -exec cat {} \;
    echo
done > ../../src/confianza/server/web/static/web/LICENSES.txt
