#!/bin/sh
# Prints the size of an image by layer, in the order of the build, and what the largest packages of its system take:
#   image/sizes.sh [IMAGE]
# Sizes are what is on disk, in MB of 10^6 bytes.
set -eu

image=${1:-corevisor}

main() {
  docker history --human=false --no-trunc --format '{{.Size}}	{{.CreatedBy}}' "$image" | awk -F '\t' '
    $1 > 0 { size[++count] = $1; step[count] = $2; total += $1 }
    END {
      for (n = count; n > 0; n--) {
        sub(/ # buildkit$/, "", step[n])
        printf "%9.3f MB  %s\n", size[n] / 1e6, step[n]
      }
      printf "%9.3f MB  in all\n", total / 1e6
    }'
  echo "the largest packages of the system:"
  docker run --rm --entrypoint sh "$image" -c "$packages" | sort -rn | awk 'NR <= 12 { printf "%9.3f MB  %s\n", $1 / 1e6, $2 }'
}

# Bytes and name of each package: of the files that are there, not what the package says of itself.
# shellcheck disable=SC2016
packages='
  for list in /var/lib/dpkg/info/*.list; do
    xargs -d "\n" stat --format "%F %s %i" <"$list" 2>/dev/null |
      awk -v name="$(basename "$list" .list)" "/^regular file / && !seen[\$4]++ { bytes += \$3 } END { print bytes + 0, name }"
  done'

main
