#!/bin/sh
# Lays out what the image gets of Corevisor itself, in directory $1 as if it were the root: the bundles, what V8 keeps of
# them for the Node of this image (corevisord.main.v….cache), the files of the web page, and of koffi its JavaScript and the
# one native library of this platform. Run in the build stage, after `npm ci` and `npm run build`.
set -eu

root=$1
home=$root/opt/corevisor
platform=$(node --print 'process.platform + "-" + process.arch')

mkdir -p "$home/dist" "$root/usr/local/bin"
cp package.json "$home/"
cp dist/*.cjs dist/*.cache "$home/dist/"
rm "$home/dist/code-cache.cjs"
cp -R dist/web "$home/dist/"
chmod 755 "$home"/dist/corevisor*.cjs "$home/dist/echo-supervisord-conf.cjs" "$home/dist/pidproxy.cjs"

# koffi: the sources, documents and type declarations stay behind; so does the library for musl, as the image has glibc.
koffi=node_modules/koffi
(cd $koffi && find index.cjs src -name '*.cjs') | while read -r file; do
  mkdir -p "$home/$koffi/$(dirname "$file")"
  cp "$koffi/$file" "$home/$koffi/$file"
done
cp $koffi/package.json $koffi/LICENSE.txt "$home/$koffi/"
native=node_modules/@koromix/koffi-$platform
mkdir -p "$home/$native"
cp "$native/package.json" "$native/index.js" "$home/$native/"
cp -R "$native"/linux_* "$home/$native/"
node --eval "require('$home/node_modules/koffi').load('libc.so.6').func('int getpid()')()"

for name in corevisord corevisorctl; do
  ln -s ../../../opt/corevisor/dist/$name.cjs "$root/usr/local/bin/$name"
done
ln -s corevisord "$root/usr/local/bin/supervisord"
ln -s corevisorctl "$root/usr/local/bin/supervisorctl"
ln -s ../../../opt/corevisor/dist/echo-supervisord-conf.cjs "$root/usr/local/bin/echo_supervisord_conf"
ln -s ../../../opt/corevisor/dist/pidproxy.cjs "$root/usr/local/bin/pidproxy"
