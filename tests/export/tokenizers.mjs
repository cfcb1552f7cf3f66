// SPDX-License-Identifier: MIT
// What @huggingface/tokenizers makes of a saved model: reads {folder, texts} as JSON, and prints the ids and the decoded texts.
// usage: tokenizers.mjs PACKAGE, whose folder that is
import fs from 'node:fs';
import { createRequire } from 'node:module';

const { Tokenizer } = createRequire(import.meta.url)(process.argv[2]);
const { folder, texts } = JSON.parse(fs.readFileSync(0, 'utf8'));
const read = (name) => JSON.parse(fs.readFileSync(`${folder}/${name}`, 'utf8'));
const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
console.log(JSON.stringify(texts.map((text) => {
  const { ids } = tokenizer.encode(text, { add_special_tokens: false });
  return {
    ids,
    with_bos: tokenizer.encode(text).ids,
    decoded: ids.length > 0 ? tokenizer.decode(ids, { skip_special_tokens: true }) : '',
  };
})));
