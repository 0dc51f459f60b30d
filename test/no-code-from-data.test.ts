/** Nothing that comes from outside is ever run as a program of ours: which files may start others, and that none builds code. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkCondition, evaluateCondition } from '../src/core/plan/expression.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Each starts one program that is named in it, with words and never with a line for a shell. */
const starters = [
  'bin/holdpoint.js',
  'demo/world.ts',
  'src/api/engine-starter.ts',
  'src/api/ssh-signature.ts',
  // A program of its own text, for the launcher: never of this process.
  'src/checks/backup-files/script.ts',
  'src/checks/browser-session/script.ts',
  'src/checks/failover-run/script.ts',
  'src/checks/log-lines/journal-script.ts',
  'src/checks/restore-drill/script.ts',
  'src/checks/secrets-backup/script.ts',
  'src/checks/sql-query/sqlite.ts',
  'src/cli/commands/doctor.ts',
  // The editor that somebody has set up, with the file as its one word.
  'src/cli/commands/message.ts',
  'src/cli/demo-server.ts',
  'src/cli/document.ts',
  'src/cli/git-document.ts',
  // git, for the tag that a hotfix is derived from.
  'src/cli/hotfix.ts',
  'src/cli/import-questions.ts',
  'src/cli/open-browser.ts',
  'src/app/web-pages.ts',
  // What an action of a kind names in its own text: git, and other tools.
  'src/worker/action-process.ts',
  'src/worker/launcher-client.ts',
  'src/worker/launcher/command-user.ts',
  'src/worker/launcher/command.ts',
  'src/worker/launcher/pipes.ts',
  'src/worker/launcher/secret-command.ts',
  'src/worker/launcher/user-places.ts',
]

const files = ['src', 'bin', 'demo']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ts|js)$/.test(entry.name))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  )
  .filter((file) => !/\.(test|contract|fixture)\.ts$|(^|\/)(test-)?support\//.test(file))

function codeOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/[^\n]*/g, '$1')
}

function filesWith(pattern: RegExp): readonly string[] {
  return files.filter((file) => pattern.test(codeOf(file))).toSorted()
}

describe('in the program', () => {
  test('no text becomes code: no eval, no Function, no vm, no import of a computed name', () => {
    expect(files.length).toBeGreaterThan(300)
    expect(filesWith(/(?<![\w.])eval\s*\(|\bnew\s+Function\b|(?<![\w.])Function\s*\(|['"](node:)?vm['"]/)).toEqual([])
    expect(filesWith(/\bset(Timeout|Interval|Immediate)\(\s*['"`]/)).toEqual([])
    // Of our own files beside it: from the sources, or built.
    expect(filesWith(/\bimport\(\s*(?!['"])/)).toEqual(['bin/holdpoint.js'])
    expect(filesWith(/\bcreateRequire\b/)).toEqual(['bin/holdpoint.js'])
    expect(filesWith(/\.constructor\s*\(/)).toEqual([])
  })

  test('only these files start a program, and none through a shell', () => {
    expect(filesWith(/child_process['"]/).filter((file) => !starters.includes(file))).toEqual([])
    // As words of their own they mean other things, such as a source that is a cluster.
    const named = /(?:\bfrom|\bimport|\brequire\(|\bimport\(|Module\()\s*['"](node:)?(cluster|inspector|repl|wasi)['"]/
    expect(filesWith(named)).toEqual([])
    expect(filesWith(/['"]node:(cluster|inspector|repl|wasi)\b|\bprocess\.binding\b|\bdlopen\b/)).toEqual([])
    // A thread that looks at documents: it runs one file of ours, never a text.
    const threads = ['src/app/document-thread-main.ts', 'src/app/document-thread.ts']
    expect(filesWith(/['"](node:)?worker_threads['"]/)).toEqual(threads)
    expect(filesWith(/\bnew Worker\(/)).toEqual(['src/app/document-thread.ts'])
    expect(codeOf('src/app/document-thread.ts')).toMatch(/new URL\(`\.\/document-thread-main\$\{extname\(/)
    expect(filesWith(/\beval:\s/)).toEqual([])
    for (const file of starters.filter((each) => files.includes(each))) {
      const code = codeOf(file)
      expect([file, /\bshell:\s*(true|['"])/.test(code)]).toEqual([file, false])
      expect([file, /(?<![\w.])exec(Sync)?\(/.test(code)]).toEqual([file, false])
    }
  })

  test('no text becomes a pattern that could hang: these files build patterns, from words of their own', () => {
    expect(filesWith(/new RegExp\(/)).toMatchInlineSnapshot(`
      [
        "src/core/plan/placeholder.ts",
        "src/import/lint/limit-statements.ts",
        "src/import/lint/times.ts",
        "src/import/reading/quantities.ts",
        "src/import/recognisers/message.ts",
      ]
    `)
  })
})

/** `HOLDPOINT_FUZZ=100000` in the nightly run; a small part of it each time. */
const runs = Number(process.env['HOLDPOINT_FUZZ'] ?? 5_000)

describe('a condition', () => {
  const facts = {
    exit: 0,
    value: 1.5,
    text: 'a'.repeat(300),
    nothing: null,
    many: Array.from({ length: 300 }, (_, index) => index),
    row: { id: 7, name: 'x', deep: { a: [1, { b: 2 }] } },
  }
  const word = fc.constantFrom(
    ...[
      ['exit', 'value', 'text', 'many', 'row', 'nothing', 'constructor', '__proto__', 'prototype', 'process', 'this'],
      [
        'true',
        'false',
        'null',
        '0',
        '1',
        '-1',
        '1e308',
        '9223372036854775807',
        '0x',
        '1u',
        '"a"',
        "'x'",
        'r"\\d"',
        'b"y"',
      ],
      [
        '+',
        '-',
        '*',
        '/',
        '%',
        '==',
        '!=',
        '<',
        '>=',
        '&&',
        '||',
        '!',
        '?',
        ':',
        'in',
        '.',
        ',',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
      ],
      [
        '.size()',
        '.all(x, x > 0)',
        '.exists(x, x == exit)',
        '.map(x, x)',
        '.filter(x, true)',
        '.re("(a+)+$")',
        '.matches("(a|a)*b")',
      ],
      [
        '.startsWith("a")',
        '.constructor',
        '["constructor"]',
        'has(row.id)',
        'size(many)',
        'type(exit)',
        'duration("1s")',
        '\u202e',
        '\u0000',
      ],
    ].flat(),
  )
  const source = fc.oneof(
    { weight: 6, arbitrary: fc.array(word, { maxLength: 24 }).map((words) => words.join(' ')) },
    { weight: 2, arbitrary: fc.array(word, { maxLength: 24 }).map((words) => words.join('')) },
    { weight: 1, arbitrary: fc.string({ maxLength: 200, unit: 'binary' }) },
  )

  test(`${runs} made of anything: none throws, none says anything but yes, no, or why it cannot tell`, () => {
    let slowest = 0
    fc.assert(
      fc.property(source, (text) => {
        const before = performance.now()
        const answer = evaluateCondition(text, facts)
        checkCondition(text, { exit: 'int', row: 'map', many: 'list', text: 'string' })
        slowest = Math.max(slowest, performance.now() - before)
        expect(answer.kind === 'inconclusive' ? typeof answer.why : typeof answer.value).toMatch(/string|boolean/)
      }),
      { numRuns: runs },
    )
    console.log(`${runs} conditions, the slowest ${slowest.toFixed(1)} ms`)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  }, 600_000)

  test('a pattern over a hundred kilobytes that hangs other engines is answered', () => {
    const shapes = [
      '^(a+)+$',
      '^(a|a)*$',
      '(a*)*b',
      '^(([a-z])+.)+[A-Z]([a-z])+$',
      '(x+x+)+y',
      '(.*)*=.*',
      'a{1,100}{1,10}b',
    ]
    const bytes = `${'a'.repeat(100_000)}!`
    for (const shape of shapes) {
      const before = performance.now()
      const answer = evaluateCondition(`text.re(${JSON.stringify(shape)})`, { text: bytes })
      const took = performance.now() - before
      expect(['value', 'inconclusive']).toContain(answer.kind)
      console.log(`/${shape}/ over 100 kB: ${took.toFixed(0)} ms, ${JSON.stringify(answer).slice(0, 80)}`)
      // Exponential would be for ever: this bound is only about that.
      expect(took).toBeLessThan(20_000)
    }
  })
})
