// SPDX-License-Identifier: MIT
// Whether DuckDB, polars and csv-parse read records as docs/records.md says: records_in_other_tools.mjs CSV JSONL
// Run by scripts/records_in_other_tools, in whose folder the packages are.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.cwd() + '/');
const [csv, jsonl] = process.argv.slice(2);

async function queried(sql) {
  const { DuckDBInstance } = require('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create()).connect();
  return (await connection.runAndReadAll(sql)).getRows();
}

const readers = {
  'DuckDB, CSV': () => queried(`select text, bits from read_csv('${csv}', allow_quoted_nulls = false)`),
  'DuckDB, JSON': () => queried(`select text, bits from read_json('${jsonl}')`),
  polars: () => require('nodejs-polars').readCSV(csv, { inferSchemaLength: 0 }).select('text', 'bits').rows(),
  'csv-parse': () => require('csv-parse/sync').parse(readFileSync(csv), { columns: true }).map((row) => [row.text, row.bits]),
};

const expected = readFileSync(jsonl, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
let wrong = 0;
for (const [name, read] of Object.entries(readers)) {
  const rows = await read();
  const differ = expected.filter(({ text, bits }, i) => rows[i]?.[0] !== text || Number(rows[i][1]) !== bits);
  const isRight = rows.length === expected.length && differ.length === 0;
  console.log(`${name}: ${isRight ? 'right' : `wrong: ${JSON.stringify(differ.slice(0, 5))}`}`);
  wrong += isRight ? 0 : 1;
}
process.exit(wrong === 0 ? 0 : 1);
