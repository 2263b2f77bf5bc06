#!/bin/sh
# Takes out of the node_modules tree $1 what no running program reads: type declarations and TypeScript, source maps,
# documents, test runs' leftovers, and the tests and examples that packages publish at their root. Licences stay.
set -eu

find "$1" -depth -type d \( -name .nyc_output -o -name .github -o -path '*node_modules/@types' \) -exec rm -rf {} +
find "$1" -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' \) -delete
find "$1" -type f \( -iname '*.md' -o -iname '*.markdown' \) ! -iname 'license*' ! -iname 'licence*' ! -iname 'notice*' -delete
find "$1" -name package.json -type f | while read -r manifest; do
  package=${manifest%/*}
  for name in test tests __tests__ example examples; do rm -rf "${package:?}/$name"; done
done
find "$1" -depth -type d -empty -delete
