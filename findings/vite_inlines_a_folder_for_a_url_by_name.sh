#!/bin/sh
# SPDX-License-Identifier: MIT
# Vite 8.3.8, from npm: what a library's build makes of new URL() with a template.
#
# Guess: new URL(`./${name}`, import.meta.url) is left alone in a library, as nobody knows the name before it runs.
#
# Seen: it becomes a table of all files beside the source, each inlined as a data: URL, so that the library holds its own sources,
# TypeScript as "video/mp2t", by its ending; a name that was not there when it was built gives an address that ends in "undefined".
# With the same import.meta.url in a variable first, the call is left alone.
#
# What this project does: web/src/module/microgpt.ts finds its worker by such a variable.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"type": "module"}' >package.json
npm install --silent vite@8.3.8
mkdir src
echo 'export const secret: string = "of the build";' >src/notes.ts
cat >src/direct.js <<'JS'
export const find = (name) => new URL(`./${name}`, import.meta.url).href;
JS
cat >src/variable.js <<'JS'
const here = import.meta.url;
export const find = (name) => new URL(`./${name}`, here).href;
JS
cat >vite.config.js <<'JS'
export default { build: { minify: false, lib: { entry: ['src/direct.js', 'src/variable.js'], formats: ['es'] } } };
JS
npx vite build --logLevel error
fail() { echo "$1" >&2; exit 1; }
grep -q 'data:video/mp2t;base64' dist/direct.js || fail "TypeScript beside the source is no longer inlined as video/mp2t"
grep -q "$(printf 'export const secret' | base64 | cut -c1-20)" dist/direct.js || fail "the file beside the source is no longer in the library"
! grep -q 'data:' dist/variable.js || fail "by a variable it is inlined now, too"
grep -q 'new URL' dist/variable.js || fail "the call by a variable is gone"
node --input-type=module -e '
  const { find } = await import(process.argv[1]);
  let found;
  try { found = find("added-later.js"); } catch (error) { found = error.message; }
  console.log("a name that came later:", found.split("/").at(-1));
' "$folder/dist/direct.js" | tee later
grep -q ': undefined$' later || fail "a name that came later is found now, or an error"
echo "as described, with vite $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/vite/package.json")).version')"
