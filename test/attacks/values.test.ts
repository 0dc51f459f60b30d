/** Every value that comes from outside, set to what a shell, a program or a parser would run, through a whole real release. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AttackedServer, startAttackedServer } from '../support/attacked-server.ts'

const fence = '```'
const checklist = (name: string) => `---
holdpoint: 1
service: ${name}
inputs:
  word: { }
  file: { }
sources:
  db: { kind: sqlite, file: "data/{{ input.file }}.db" }
---
# Release {{ version }}

## Before
- [ ] A command sees the values
  ${fence}sh check
  printf '%s\\n' "$HOLDPOINT_VERSION" "$HOLDPOINT_PREVIOUS" "$HOLDPOINT_ENVIRONMENT" "$HOLDPOINT_COMMIT" "$HOLDPOINT_INPUT_WORD"
  echo $HOLDPOINT_VERSION $HOLDPOINT_INPUT_WORD $HOLDPOINT_COMMIT
  ${fence}
- [ ] So does a program
  ${fence}python check
  import os
  print(os.environ['HOLDPOINT_INPUT_WORD'])
  ${fence}
- [ ] A file is named by one
  ${fence}yaml check severity=warning
  kind: file
  path: "notes/{{ input.file }}"
  exists: false
  ${fence}
- [ ] A database too
  ${fence}sql check on=db severity=warning expect="value == 0"
  select count(*) from t where name = {{ input.word }}
  ${fence}
- [ ] A request carries one
  ${fence}http check severity=warning
  GET http://127.0.0.1:9/{{ input.word }}?v={{ version }}
  x-word: {{ input.file }}
  ${fence}

## Deploy
- [ ] An action and its probe
  ${fence}sh run capture=said
  echo "said=$HOLDPOINT_INPUT_WORD" >> "$HOLDPOINT_OUTPUT"
  ${fence}
  ${fence}sh undo
  echo $HOLDPOINT_VERSION $HOLDPOINT_VALUE_SAID
  ${fence}
- [ ] Somebody looks
  ${fence}yaml answer
  fields: [who]
  ${fence}
`

let server: AttackedServer
let folder: string

beforeAll(async () => {
  server = await startAttackedServer()
  folder = server.team.folder
})

afterAll(() => server.end())

/** What would make the file X in some language, or read a file of the machine. */
const payloads = (x: string): readonly string[] => [
  `$(touch ${x})`,
  `\`touch ${x}\``,
  `a\ntouch ${x}\n`,
  `; touch ${x} #`,
  `'; touch ${x}; '`,
  `"; touch ${x}; "`,
  `| touch ${x}`,
  `&& touch ${x}`,
  `\${IFS}$(touch\${IFS}${x})`,
  `__import__("os").system("touch ${x}")`,
  `"+require("child_process").execSync("touch ${x}")+"`,
  `' or writefile('${x}', 'x') --`,
  `{{ constructor.constructor("return process")() }}`,
  '../../../../../../etc/passwd',
  '/etc/passwd',
  '@/etc/passwd',
  'file:///etc/passwd',
  '-rf',
  '--help',
  '%0d%0aHost:%20evil.test',
]

const marks = () => readdirSync(folder).filter((name) => name.startsWith('HIT'))

async function eventsOf(release: string): Promise<string> {
  return (await server.ask('GET', `/v1/releases/${release}/events`)).text
}

async function settled(release: string): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const text = await eventsOf(release)
    const started = text.match(/"kind":"AttemptStarted"/g)?.length ?? 0
    const finished = text.match(/"kind":"AttemptFinished"/g)?.length ?? 0
    if (started >= 5 && started === finished) return
    await sleep(100)
  }
}

describe('a value that looks like a command', () => {
  test('is data, in every field of a start and of what people say', async () => {
    const all = payloads(join(folder, 'HIT'))
    const ids: string[] = []
    for (const [index, payload] of all.entries()) {
      const one = payload.slice(0, 290)
      const id = await server
        .start(checklist(`values-${index}`), {
          version: one.replaceAll('\n', ' '),
          previous: one,
          environment: 'staging',
          artefact: one,
          workspace: { root: one, commit: one.slice(0, 100), dirty: true },
          inputs: { word: payload, file: payload },
          idempotencyKey: one.slice(0, 190),
        })
        .catch((cause: Error) => cause.message)
      // A line break in a version is refused by name; a value is never half taken.
      if (/does not start/.test(id)) expect(id).toMatch(/"code":"(bad-body|bad-answer|bad-name)"/)
      else ids.push(id)
    }
    expect(ids.length).toBeGreaterThan(15)
    for (const id of ids) await settled(id)
    const said: string[] = []
    for (const [index, id] of ids.entries()) {
      const text = all[index % all.length]!
      const step = 'deploy/somebody-looks'
      for (const command of [
        { kind: 'Note', step: null, note: text },
        { kind: 'Assign', step, to: text.replaceAll('\n', ' ').slice(0, 290) },
        { kind: 'Hold', why: text },
        { kind: 'Resume', why: text },
        { kind: 'Answer', step, answer: 'failed', note: text, fields: { who: text }, evidence: [] },
        index % 2 === 0
          ? { kind: 'Abort', why: text, leave: false, typed: text.slice(0, 290) }
          : { kind: 'Waive', step, reason: text, role: 'approver', expires: null },
      ]) {
        const answer = await server.ask('POST', `/v1/releases/${id}/commands`, { body: { command, seen: null } })
        said.push(`${command.kind} ${answer.status}`)
        expect([command.kind, answer.status < 500]).toEqual([command.kind, true])
      }
      for (const path of ['', '/plan', '/export?format=report', '/export?format=md', '/export?format=json'])
        expect((await server.ask('GET', `/v1/releases/${id}${path}`)).status).toBe(200)
    }
    // Not a test of refusals: these words really went in.
    for (const taken of ['Note 200', 'Assign 200', 'Hold 200', 'Resume 200', 'Answer 200', 'Abort 200'])
      expect([taken, said.filter((one) => one === taken).length >= 10]).toEqual([taken, true])
    await sleep(1_000)
    expect(marks()).toEqual([])
    expect(existsSync(join(folder, 'HIT'))).toBe(false)
  }, 180_000)

  test('a file named by a value lies below the folder of the release, or is not looked at', async () => {
    for (const [index, file] of [
      '../../store/engine.log',
      '/etc/passwd',
      '....//....//etc/passwd',
      'a/../../../etc/passwd',
    ].entries()) {
      const id = await server.start(checklist(`paths-${index}`), { inputs: { word: 'x', file } })
      await settled(id)
      const text = await eventsOf(id)
      expect(text).not.toContain('root:x:0:0')
      const view = (await server.ask('GET', `/v1/releases/${id}`)).text
      expect([file, /outside the checklist's folder/.test(text + view) || /does not exist/.test(text + view)]).toEqual([
        file,
        true,
      ])
    }
  }, 60_000)

  test('of the command line, @file, - and file: are words, never files that are read', async () => {
    const id = await server.start(
      '---\nholdpoint: 1\nservice: words\n---\n# R\n\n## A\n- [ ] look {#look}\n- [ ] more\n',
    )
    for (const word of ['@/etc/passwd', '-', 'file:///etc/passwd', '@-']) {
      const told = await server.holdpoint(['release', 'note', id, '--text', word, '--json'])
      const shown = (await server.ask('GET', `/v1/releases/${id}/events`)).text
      expect(shown + told.out + told.err).not.toContain('root:x:0:0')
    }
  }, 60_000)
})

describe('a condition that looks like a program', () => {
  const escapes = [
    'constructor.constructor("return process")() == 1',
    '"".constructor.constructor("return 1")() == 1',
    '[].constructor.prototype == 1',
    '__proto__.polluted == 1',
    'this.process == 1',
    'process.exit(1) == 1',
    'require("child_process") == 1',
    'import("fs") == 1',
    '`${process}` == "x"',
    'eval("1") == 1',
    'globalThis == 1',
    '\\u0063onstructor == 1',
    'exit["const" + "ructor"]["constructor"]("return 1")() == 1',
    'exit.toString.call(1) == 1',
    '(() => 1)() == 1',
    'new Function("return 1")() == 1',
    'exit = 0',
    'exit == 0; touch',
    '{{ version }} == 1',
  ]

  test.each(escapes)('%s does not compile, or is never true', async (condition) => {
    const { compile } = await import('../../src/core/plan/compile.ts')
    const { kinds } = await import('../../src/app/app.ts')
    const { evaluateCondition } = await import('../../src/core/plan/expression.ts')
    const text = `---\nholdpoint: 1\n---\n# R\n\n## A\n- [ ] a\n  ${fence}sh check\n  # @expect ${condition}\n  true\n  ${fence}\n`
    const attribute = `---\nholdpoint: 1\n---\n# R\n\n## A\n- [ ] a\n  ${fence}sh check expect=${JSON.stringify(condition)}\n  true\n  ${fence}\n`
    for (const markdown of [text, attribute]) {
      const { plan } = compile({ file: 'r.md', bytes: Buffer.from(markdown), shared: null }, kinds())
      // As a comment of the shell it is one: only the attribute is a condition there.
      if (markdown === attribute) expect(plan).toBeNull()
    }
    expect(evaluateCondition(condition, { exit: 0, version: '1' })).not.toEqual({ kind: 'value', value: true })
  })
})
