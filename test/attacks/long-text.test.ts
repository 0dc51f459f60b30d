/** The same few characters over and over, in every place where text from outside is read: no pattern of ours needs more than a moment. */
import { describe, expect, test } from 'vitest'
import { kinds } from '../../src/app/app.ts'
import { emptyTally, tallyJunit } from '../../src/checks/report-formats/junit.ts'
import { oneLine } from '../../src/checks/parts/say.ts'
import { parseStatement } from '../../src/checks/sql-query/statement.ts'
import { compile } from '../../src/core/plan/compile.ts'
import { renderPromql } from '../../src/core/plan/promql-template.ts'
import { templateNames } from '../../src/core/plan/template.ts'
import { tellingLine } from '../../src/core/telling-line.ts'
import { readPage } from '../../src/metrics/exposition.ts'
import { selectorsOf } from '../../src/metrics/promql-members.ts'
import { scaleOf } from '../../src/metrics/promql-scale.ts'
import { zeroQuestion } from '../../src/metrics/promql-zero.ts'
import { parseSelector } from '../../src/metrics/selector.ts'
import { md, visible } from '../../src/report/escape.ts'
import { parseCaptures } from '../../src/worker/launcher/captures.ts'

const LENGTH = 30_000
/** A hundred times what the slowest takes; what grows with the square takes longer by far. */
const A_MOMENT_MS = 2_000

const atoms = [
  [
    'a',
    'a ',
    'a\n',
    'a\r\n',
    'a,',
    'a.b',
    'a:',
    'a: ',
    'a=',
    'a|',
    'a{',
    'a{b="c",',
    '1',
    '1 ',
    '1.',
    '1,',
    '1 to ',
    '0x',
  ],
  [
    ' ',
    '\t',
    '\n',
    '\n\n',
    '\r',
    '{',
    '{{',
    '{{ a',
    '{{ a }}',
    '}',
    '"',
    "'",
    '`',
    '(',
    '((a',
    '[',
    '[a](',
    '![](',
    '{a="b"}',
  ],
  [
    '<',
    '<a',
    '<a b="',
    '<!--',
    '<![CDATA[',
    '&',
    '&amp;',
    '*',
    '**a',
    '_',
    '_a',
    '#',
    '# ',
    '# @',
    '-',
    '- ',
    '--',
    '--\n',
    '/*',
    '*/',
  ],
  [
    '/',
    '//',
    '\\',
    '\\n',
    '$',
    '$(',
    '${',
    '=',
    '==',
    '%',
    '~',
    '~~~',
    '>',
    '> ',
    '!',
    '@',
    'http://',
    ' HTTP/1',
    '[5m]',
    'increase(',
    'sum(',
    'é',
    '😀',
  ],
].flat()

const fence = '```'
const oneLineOf = (text: string) => text.replaceAll(/[\n\r]/g, ' ')
const indented = (text: string) =>
  text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n')
const item = (opening: string, body: string, head = '') =>
  `---\nholdpoint: 1\n${head}---\n# R\n\n## A\n- [ ] a\n  ${fence}${opening}\n${indented(body)}\n  ${fence}\n`
const prom = 'sources: { prom: { kind: prometheus, url: "http://127.0.0.1:9" } }\n'

const documents: Readonly<Record<string, (text: string) => string>> = {
  'an item': (text) => `# R\n\n## A\n- [ ] ${oneLineOf(text)}\n`,
  'a heading': (text) => `# R\n\n## ${oneLineOf(text)}\n- [ ] a\n`,
  'the text between': (text) => `# R\n\n${text}\n\n## A\n- [ ] a\n`,
  'front matter': (text) => `---\n${text}\n---\n# R\n\n## A\n- [ ] a\n`,
  'a value of front matter': (text) =>
    `---\nholdpoint: 1\nname: "${text.replaceAll(/["\\\n]/g, 'x')}"\n---\n# R\n\n- [ ] a\n`,
  'the opening line of a block': (text) => item(`sh check ${oneLineOf(text)}`, 'true'),
  'a shell script': (text) => item('sh check', text),
  'a condition': (text) => item(`sh check expect="${oneLineOf(text).slice(0, 3_900)}"`, 'true'),
  'an address': (text) => item('http check', `GET http://x.example/${oneLineOf(text)}`),
  'a header and a body': (text) => item('http check', `POST http://x.example/\na: ${oneLineOf(text)}\n\n${text}`),
  'a query of SQL': (text) =>
    item('sql check on=db expect="value == 1"', `select ${text}`, 'sources: { db: { kind: sqlite, file: a.db } }\n'),
  'a query of PromQL': (text) => item('promql check on=prom for=1m every=10s limit="< 1"', text, prom),
  'a message': (text) =>
    `---\nholdpoint: 1\n---\n# R\n\n${fence}md notify on=release.started to=console\n${text}\n${fence}\n\n- [ ] a\n`,
  'a metric of a judge': (text) =>
    item(
      'yaml watch',
      `for: 2h\njudge:\n  metrics:\n    errors: { kind: ratio, bad: '${text.replaceAll(/['\n]/g, 'x')}', total: x, go: "< 1%", rollback: "> 2%" }`,
      prom,
    ),
}

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'output of a command': tellingLine,
  'captured values': parseCaptures,
  'a page of metrics': (text) => readPage(text, new Set(['a']), 0),
  'a selector': parseSelector,
  'selectors in a query': selectorsOf,
  'the scale of a query': (text) => scaleOf(text, 10_000),
  'the question about zero': (text) => zeroQuestion(text, { a: 'b' }),
  'names in a template': templateNames,
  'a query with values': (text) => renderPromql(text, { a: 'b' }),
  'a report of tests': (text) => tallyJunit(text, emptyTally),
  'an SQL statement': (text) => parseStatement(text, 'postgres'),
  'a line of a report': md,
  'text for a terminal': visible,
  'a reason': (text) => oneLine(text),
}

function slowest(read: (text: string) => unknown): { ms: number; of: string } {
  let worst = { ms: 0, of: '' }
  for (const atom of atoms)
    for (const end of ['', '!', '"', '}']) {
      const text = atom.repeat(Math.ceil(LENGTH / atom.length)) + end
      const before = performance.now()
      try {
        read(text)
      } catch {
        // A refusal is an answer too; here only its time matters.
      }
      const ms = performance.now() - before
      if (ms > worst.ms) worst = { ms, of: `${JSON.stringify(atom)} … ${JSON.stringify(end)}` }
    }
  return worst
}

describe('long text of one shape', () => {
  test.each(Object.entries(documents))('is read in a moment as %s of a checklist', (_name, make) => {
    const { ms, of } = slowest((text) => {
      const { problems } = compile({ file: 'r.md', bytes: Buffer.from(make(text)), shared: null }, kinds())
      if (problems.length > 200) throw new Error('more problems than a person reads')
    })
    expect([of, ms < A_MOMENT_MS]).toEqual([of, true])
  })

  test.each(Object.entries(readers))('is read in a moment as %s', (_name, read) => {
    const { ms, of } = slowest(read)
    expect([of, ms < A_MOMENT_MS]).toEqual([of, true])
  })
})
