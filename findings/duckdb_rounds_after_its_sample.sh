#!/bin/sh
# SPDX-License-Identifier: MIT
# DuckDB finds out the type of a CSV column from its first 20,480 rows, and rounds numbers with a fraction that come later.
#
# Guess: where a column of whole numbers has a fraction later on, reading ends with an error that names the row, as with a letter
# there; or the column becomes DOUBLE.
# Seen: it is BIGINT, each 0.5 becomes 1, and the sum is wrong without a word. With the fraction among the first rows, or with the type
# said, all is right.
# What this project does: docs/records.md says that the types of columns should be said where the first rows may be whole.
set -eu
version=1.5.6-r.1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-save --prefix . "@duckdb/node-api@$version"
cat >sum.mjs <<'EOF'
import { DuckDBInstance } from '@duckdb/node-api';
import { writeFileSync } from 'node:fs';
const connection = await (await DuckDBInstance.create()).connect();
for (const [rows, options] of [[1000, ''], [30000, ''], [30000, ", types = {'number': 'DOUBLE'}"]]) {
  writeFileSync('numbers.csv', 'number\n' + '7\n'.repeat(rows) + '0.5\n'.repeat(10));
  const sql = `select any_value(typeof(number)), sum(number)::double from read_csv('numbers.csv'${options})`;
  const [[type, sum]] = (await connection.runAndReadAll(sql)).getRows();
  console.log(`${rows} rows of 7, ten of 0.5${options}: ${type}, off by ${sum - (7 * rows + 5)}`);
}
EOF
seen=$(node sum.mjs)
echo "DuckDB $version"
echo "$seen"
[ "$seen" = "1000 rows of 7, ten of 0.5: DOUBLE, off by 0
30000 rows of 7, ten of 0.5: BIGINT, off by 5
30000 rows of 7, ten of 0.5, types = {'number': 'DOUBLE'}: DOUBLE, off by 0" ] || {
  echo "that is no longer so"
  exit 1
}
