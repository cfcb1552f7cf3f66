// SPDX-License-Identifier: MIT
/**
 * What the build adds to Vite: index.html is put together from its parts, the lesson is the text of docs/loss.md, and the
 * service worker knows the files of the page.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Marked } from 'marked';
import type { Plugin } from 'vite';

const here = (path: string) => new URL(path, import.meta.url).pathname;
const lesson = here('../docs/loss.md');
const part = (name: string) => readFileSync(here(`src/page/parts/${name}.html`), 'utf8').replace(/^<!--.*-->\n/, '');

/** Which figure follows the text under which heading of the lesson; src/page/figures/ draws them. */
const figures: Record<string, string> = {
  'why-a-logarithm': 'curve',
  'nats-and-bits': 'code',
  'two-means': 'document',
  'where-training-begins': 'uniform',
  infinity: 'infinity',
  'held-out-and-learned-by-heart': 'overfitting',
};

const slug = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .trim()
    .replace(/\s+/g, '-');

// What a sentence of the lesson has that is about the program, and not about losses.
const ofProgram = /`(\.\/run|--|-`|src\/|(explain|score)` )/;

/** The sentences about the program and the rest, each in its order. */
function apart(text: string): [program: string, rest: string] {
  const sentences = text.replace(/\n/g, ' ').split(/(?<=[.:]\)?) (?=[A-Z`(*])/);
  const of = (isWanted: boolean) => sentences.filter((sentence) => ofProgram.test(sentence) === isWanted).join(' ');
  return [of(true), of(false)];
}

function lessonHtml(): string {
  const marked = new Marked();
  const missing = new Set(Object.keys(figures));
  let aside = ''; // command lines, and what is said of them: behind a click
  const flush = () => {
    const before = aside && `<details><summary>The same with the program</summary>\n${aside}</details>\n`;
    aside = '';
    return before;
  };
  let figure = ''; // of the section that is being written
  const next = (name: string) => {
    const before = flush() + (figure && `<div class="figure" data-figure="${figure}"></div>\n`);
    figure = name;
    return before;
  };
  marked.use({
    renderer: {
      heading({ tokens, depth, text }) {
        const id = slug(text);
        missing.delete(id);
        return `${next(figures[id] ?? '')}<h${depth} id="${id}">${this.parser.parseInline(tokens)}</h${depth}>\n${depth === 1 ? part('lesson_intro') : ''}`;
      },
      // The page holds this document alone: there is nothing to link to elsewhere.
      link({ href, tokens }) {
        const inner = this.parser.parseInline(tokens);
        return href.startsWith('#') ? `<a href="${href}">${inner}</a>` : inner;
      },
      paragraph({ text }) {
        const [program, rest] = apart(text);
        const html = (words: string) => (words ? `<p>${this.parser.parseInline(marked.Lexer.lexInline(words))}</p>\n` : '');
        const before = rest ? flush() : '';
        aside += html(program);
        return before + html(rest.replace('letters and BOS', 'letters and the end'));
      },
      list({ items }) {
        return `${flush()}<ul>${items.map((item) => `<li>${this.parser.parse(item.tokens)}</li>`).join('\n')}</ul>\n`;
      },
      code({ text, lang }) {
        const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;');
        const html = `<pre tabindex="0"><code>${escaped}</code></pre>\n`;
        if (lang !== 'console') return flush() + html;
        aside += html;
        return '';
      },
    },
  });
  // A colon promises what is behind a click now.
  const html = (marked.parse(readFileSync(lesson, 'utf8'), { async: false }) + next('')).replace(/:<\/p>\n<details>/g, '.</p>\n<details>');
  if (missing.size > 0) throw new Error(`docs/loss.md has no heading for the figures at ${[...missing].join(', ')}`);
  return html;
}

/** The page draws lines over numbers. What uPlot has for other charts is left out: nothing refers to it then. */
const onlyLines: Plugin = {
  name: 'microgpt-only-lines',
  transform(code, id) {
    if (!id.endsWith('uPlot.esm.js')) return null;
    const unused = ['paths.stepped = stepped', 'paths.bars    = bars', 'paths.spline  = monotoneCubic', 'uPlot.join = join', 'uPlot.fmtDate = fmtDate', 'uPlot.tzDate  = tzDate'];
    for (const each of unused) {
      if (!code.includes(each)) throw new Error(`uPlot has no more ${each}`);
      code = code.replace(each, '0');
    }
    return code;
  },
};

export const page = (): Plugin[] => [onlyLines, parts];

const parts: Plugin = {
  name: 'microgpt-page',
  enforce: 'post',
  transformIndexHtml: {
    order: 'pre',
    handler: (html) =>
      html
        .replace(/<!-- part (\w+) -->/g, (_, name) => part(name))
        .replace('<!-- lesson -->', lessonHtml),
  },
  generateBundle(_, bundle) {
    const files = Object.values(bundle);
    // The modules of WebAssembly and the lists are large: the page names those that it uses.
    const cached = files.map((file) => file.fileName).filter((name) => !/\.(wasm|txt|map)$/.test(name));
    const version = createHash('sha256');
    for (const file of files) version.update(file.fileName).update(file.type === 'chunk' ? file.code : file.source);
    const source = readFileSync(here('src/page/service_worker.js'), 'utf8')
      .replace("'VERSION'", JSON.stringify(version.digest('hex').slice(0, 12)))
      .replace("['FILES']", JSON.stringify(['./', ...cached]));
    this.emitFile({ type: 'asset', fileName: 'service_worker.js', source });
  },
};
