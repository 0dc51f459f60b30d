import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compile, type Compiled } from './compile.ts'
import { lint } from './lint.ts'
import type { Plan, StepPlan } from './plan.ts'
import { renderProblem } from './problem.ts'
import { testKinds } from './test-kinds.ts'

function read(text: string | Uint8Array, shared: string | null = null): Compiled {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  return compile(
    { file: 'release.md', bytes, shared: shared === null ? null : { file: 'holdpoint.yaml', text: shared } },
    testKinds,
  )
}

function planOf(text: string): Plan {
  const { plan, problems } = read(text)
  expect(problems.filter((problem) => problem.severity === 'error').map(renderProblem)).toEqual([])
  return plan!
}

function codesOf(text: string | Uint8Array): readonly string[] {
  return read(text).problems.map((problem) => problem.code)
}

/** Every edge leads to a known step, and following them always ends. */
function expectAcyclic(plan: Plan): void {
  const steps = new Map(plan.steps.map((step) => [step.id, step]))
  const done = new Set<string>()
  const open = new Set<string>()
  const before = (step: StepPlan): readonly string[] => [
    ...step.after,
    ...(step.afterActionOf === null ? [] : [step.afterActionOf]),
  ]
  const visit = (id: string): void => {
    if (done.has(id)) return
    expect(open.has(id) ? `a cycle through ${id}` : 'no cycle').toBe('no cycle')
    open.add(id)
    const step = steps.get(id)
    expect(step?.id ?? `no step ${id}`).toBe(id)
    for (const next of before(step!)) visit(next)
    open.delete(id)
    done.add(id)
  }
  for (const id of steps.keys()) visit(id)
}

describe('hostile and broken files end in an error or a plan, soon', () => {
  const mega = 1024 * 1024
  const files: Readonly<Record<string, string | Uint8Array>> = {
    '10 MB of nested Markdown': `${'> - '.repeat(2000)}x\n`.repeat(1300),
    '1 MB of one line': '*'.repeat(mega - 10),
    '1 MB of brackets': '- [ ] '.padEnd(mega - 10, '['),
    '1 MB of short steps': '- [ ] a\n'.repeat(mega / 8),
    '1 MB of link definitions': Array.from({ length: 30_000 }, (_, index) => `[${index}]: /x\n`).join(''),
    '1 MB of backticks': Array.from({ length: 1400 }, (_, index) => '`'.repeat(index)).join(' '),
    '5,000 nested quotes': `${'>'.repeat(5000)} x`,
    '500 nested lists': Array.from({ length: 500 }, (_, index) => `${'  '.repeat(index)}- [ ] a`).join('\n'),
    'an unclosed comment with tasks': `<!--\n${'- [ ] a\n'.repeat(1000)}`,
    'deep YAML': `---\nholdpoint: 1\nx: ${'['.repeat(10_000)}\n---\n- [ ] a\n`,
    'many laughs': `---\nholdpoint: 1\na: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n---\n- [ ] a\n`,
    binary: Uint8Array.from({ length: 5000 }, (_, index) => (index * 37) % 256),
    'UTF-16': new Uint8Array(Buffer.from('\uFEFF- [ ] a\n', 'utf16le')),
    'UTF-16 without a mark': new Uint8Array(Buffer.from('- [ ] a\n', 'utf16le')),
    'Windows-1252': Uint8Array.from([45, 32, 91, 32, 93, 32, 0xe4, 10]),
    nothing: '',
    'a carriage return alone': '- [ ] a\r- [ ] b\r',
  }
  test.each(Object.entries(files))('%s', (_name, bytes) => {
    const started = performance.now()
    const { plan, problems } = read(bytes)
    expect(plan !== null || problems.some((problem) => problem.severity === 'error')).toBe(true)
    // Generous, because machines differ: what it guards against is minutes, not milliseconds.
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  test.each([
    ['10 MB of nested Markdown', 'too-large'],
    ['5,000 nested quotes', 'too-deep'],
    ['500 nested lists', 'too-deep'],
    ['deep YAML', 'yaml-syntax'],
    ['many laughs', 'yaml-alias'],
    ['UTF-16', 'wrong-encoding'],
    ['UTF-16 without a mark', 'not-text'],
    ['Windows-1252', 'wrong-encoding'],
    ['nothing', 'no-required-step'],
  ])('%s is called %s', (name, code) => expect(codesOf(files[name]!)).toContain(code))

  test('the line of a byte that is no UTF-8 is told', () => {
    const { problems } = read(Uint8Array.from([...Buffer.from('one\ntwo\n'), 0xff, 10]))
    expect(problems).toMatchObject([{ code: 'wrong-encoding', line: 3 }])
  })
})

describe('any text at all', () => {
  const lines = fc.constantFrom(
    '---',
    'holdpoint: 1',
    'steps: bullets',
    '# A',
    '## B',
    '### C',
    '- [ ] one',
    '  - [ ] two',
    '    - [x] three',
    '1. [ ] four',
    '2. five',
    '- six',
    '',
    '```sh check',
    '  ```sh run',
    '  ```sh undo',
    '```',
    '  ```',
    '  true',
    '```yaml phase',
    'kind: rollback',
    '```yaml stage',
    'weight: 5%',
    '```yaml rollout',
    'components: { api: { traffic: command, set: a, read: b, restore: c } }',
    '  ```yaml group',
    '  parallel: true',
    '```yaml group',
    '  ```yaml wait',
    '  for: 1m',
    '> quote',
    '<!-- x',
    '-->',
    '~~~',
    '\t- tab',
  )
  test('never makes compiling or linting throw, and every plan is well ordered', () => {
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 40 }), fc.boolean(), (parts, declared) => {
        const text = `${declared ? '---\nholdpoint: 1\n---\n' : ''}${parts.join('\n')}`
        const { plan, problems } = read(text)
        lint({ file: 'a.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
        expect(plan === null).toBe(problems.some((problem) => problem.severity === 'error'))
        for (const problem of problems)
          expect(
            problem.found !== '' &&
              problem.expected !== '' &&
              problem.example !== '' &&
              problem.line > 0 &&
              problem.column > 0,
          ).toBe(true)
        if (plan) expectAcyclic(plan)
      }),
      { numRuns: 1500 },
    )
  })
  test('not even random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void read(bytes)),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => void read(`---\nholdpoint: 1\n${text}`)),
      { numRuns: 300 },
    )
  })
})

describe('order, by property', () => {
  interface Shape {
    readonly kind: 'check' | 'run' | 'answer' | 'wait'
    readonly numbered: boolean
    readonly children: readonly Shape[]
  }
  const shapes = fc.letrec<{ list: readonly Shape[]; one: Shape }>((tie) => ({
    list: fc.array(tie('one'), { maxLength: 4, depthIdentifier: 'list' }) as fc.Arbitrary<readonly Shape[]>,
    one: fc.record({
      kind: fc.constantFrom('check', 'run', 'answer', 'wait'),
      numbered: fc.boolean(),
      children: fc.oneof({ maxDepth: 3, depthIdentifier: 'list' }, fc.constant([]), tie('list')),
    }) as fc.Arbitrary<Shape>,
  }))
  const blocks = {
    check: '```sh check\ntrue\n```',
    run: '```sh run\ntrue\n```',
    answer: '',
    wait: '```yaml wait\nfor: 1m\n```',
  }

  let count = 0
  function write(shape: Shape, indent: string): string {
    const marker = shape.numbered ? '1. ' : '- '
    const inner = `${indent}${' '.repeat(marker.length)}`
    const block = blocks[shape.kind]
    const body =
      block === ''
        ? ''
        : block
            .split('\n')
            .map((line) => `${inner}${line}\n`)
            .join('')
    return `${indent}${marker}[ ] ${shape.kind} ${++count}\n${body}${shape.children.map((child) => write(child, inner)).join('')}`
  }

  function reaches(plan: Plan): (from: StepPlan, to: StepPlan) => boolean {
    const steps = new Map(plan.steps.map((step) => [step.id, step]))
    const known = new Map<string, ReadonlySet<string>>()
    const all = (id: string): ReadonlySet<string> => {
      const before = known.get(id)
      if (before) return before
      const step = steps.get(id)!
      const found = new Set<string>()
      for (const next of [...step.after, ...(step.afterActionOf === null ? [] : [step.afterActionOf])]) {
        found.add(next)
        for (const more of all(next)) found.add(more)
      }
      known.set(id, found)
      return found
    }
    return (from, to) => all(from.id).has(to.id)
  }

  test('a step that acts or waits comes after every earlier sibling, and every later sibling comes after it', () => {
    fc.assert(
      fc.property(fc.array(shapes.one, { minLength: 1, maxLength: 6 }), (list) => {
        count = 0
        const plan = planOf(`---\nholdpoint: 1\n---\n# R\n\n## P\n\n${list.map((shape) => write(shape, '')).join('')}`)
        expectAcyclic(plan)
        const comesAfter = reaches(plan)
        const byId = new Map(plan.steps.map((step) => [step.id, step]))
        const acts = (step: StepPlan): boolean =>
          step.block.word === 'run' || step.block.word === 'wait' || step.children.some((id) => acts(byId.get(id)!))
        const families = [
          plan.steps.filter((step) => step.parent === null),
          ...plan.steps.map((step) => step.children.map((id) => byId.get(id)!)),
        ]
        for (const family of families) {
          family.forEach((step, index) => {
            for (const later of family.slice(index + 1)) {
              if (acts(step) || acts(later))
                expect(`${later.id} after ${step.id}: ${comesAfter(later, step)}`).toBe(
                  `${later.id} after ${step.id}: true`,
                )
              expect(comesAfter(step, later)).toBe(false)
            }
          })
        }
        for (const step of plan.steps) {
          const parent = step.parent === null ? null : byId.get(step.parent)!
          if (!parent) continue
          expect(parent.block.word === 'run' ? comesAfter(step, parent) : comesAfter(parent, step)).toBe(true)
        }
      }),
      { numRuns: 400 },
    )
  })

  test('long plans have short lists: what follows a barrier names only the barrier', () => {
    const text = `---\nholdpoint: 1\n---\n${Array.from({ length: 1000 }, (_, index) => `- [ ] a${index}\n`).join('')}- [ ] act\n  \`\`\`sh run\n  x\n  \`\`\`\n${Array.from({ length: 1000 }, (_, index) => `- [ ] b${index}\n`).join('')}`
    const plan = planOf(text)
    expect(plan.steps).toHaveLength(2001)
    expect(plan.steps.reduce((sum, step) => sum + step.after.length, 0)).toBe(2000)
  })
})

describe('what a step looks at comes before it', () => {
  const head = '---\nholdpoint: 1\ninputs: { region: {} }\n---\n# R\n\n## P\n\n'
  const check = (id: string, rest = ''): string => `- [ ] ${id}\n  \`\`\`sh check id=${id} ${rest}\n  true\n  \`\`\`\n`
  const after = (plan: Plan, id: string): readonly string[] => plan.steps.find((step) => step.id === id)?.after ?? []

  test('a step in a condition, for the steps inside too, because they share it', () => {
    const plan = planOf(
      `${head}${check('first')}- [ ] outer\n  \`\`\`yaml group\n  id: outer\n  when: steps.first.outcome == "passed"\n  \`\`\`\n  - [ ] inner\n    \`\`\`yaml answer id=inner\n    \`\`\`\n`,
    )
    expect(after(plan, 'outer')).toContain('first')
    expect(after(plan, 'inner')).toEqual(['first'])
    expect(plan.steps.find((step) => step.id === 'inner')?.when).toBe('steps.first.outcome == "passed"')
  })

  test('a captured value in a condition, a script or a request', () => {
    const plan = planOf(
      `${head}${check('first', 'capture=build')}${check('second', 'when="build == 4"')}- [ ] third\n  \`\`\`sh check id=third\n  echo "$HOLDPOINT_VALUE_BUILD"\n  \`\`\`\n- [ ] fourth\n  \`\`\`http check id=fourth\n  GET https://shop.example/{{ build }}\n  \`\`\`\n${check('fifth')}`,
    )
    for (const id of ['second', 'third', 'fourth']) expect(after(plan, id)).toEqual(['first'])
    expect(after(plan, 'fifth')).toEqual([])
  })

  test('what comes later, or only runs when something went wrong, cannot be looked at', () => {
    expect(codesOf(`${head}${check('a', 'when="later == 1"')}${check('b', 'capture=later')}`)).toEqual([
      'condition-cycle',
    ])
    const back = `## Back\n\n\`\`\`yaml phase\nkind: rollback\n\`\`\`\n\n${check('undone')}\n## Then\n\n`
    expect(codesOf(`${head}${check('a')}\n${back}${check('b', 'when="steps.undone.outcome == \'passed\'"')}`)).toEqual([
      'condition-cycle',
    ])
    const phase = '## Later\n\n```yaml phase\nwhen: steps.a.outcome == "passed" && region == "eu"\n```\n\n- [ ] x\n'
    expect(codesOf(`${head}${check('a')}\n${phase}`)).toEqual([])
  })
})

describe('digests', () => {
  const text = '---\nholdpoint: 1\n---\n# R\n\n- [ ] One\n  ```sh check\n  true\n  ```\n- [ ] Two\n'
  const digests = (plan: Plan): readonly string[] => plan.steps.map((step) => step.digest)
  test('a plan is the same wherever its file lies', () => {
    const bytes = new TextEncoder().encode(text)
    const here = compile({ file: 'release.md', bytes, shared: null }, testKinds)
    const there = compile({ file: '/home/ana/shop/release.md', bytes, shared: null }, testKinds)
    expect(here.plan?.digest).toBe(there.plan?.digest)
  })
  test('an edit above a step moves its line and keeps its digest; an edit of the step does not', () => {
    const moved = planOf(text.replace('# R\n', '# R\n\nSome more words.\n'))
    const changed = planOf(text.replace('true', 'false'))
    expect(digests(moved)).toEqual(digests(planOf(text)))
    expect(moved.digest).not.toBe(planOf(text).digest)
    expect(digests(changed)[0]).not.toBe(digests(planOf(text))[0])
    expect(digests(changed)[1]).toBe(digests(planOf(text))[1])
  })
  test('a plan survives JSON unchanged', () => {
    const plan = planOf(text)
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  })
})

describe('what runs and what does not', () => {
  test('without the declaration nothing runs, and the author is told', () => {
    const { plan, problems } = read('- [ ] One\n  ```sh run\n  ./deploy.sh\n  ```\n')
    expect(plan?.steps.map((step) => step.block.word)).toEqual(['answer'])
    expect(problems.map((problem) => problem.code)).toEqual(['not-declared'])
  })
  test('a fence without a word of ours is documentation', () => {
    const plan = planOf(
      '---\nholdpoint: 1\n---\n- [ ] One\n  ```bash\n  rm -rf /\n  ```\n  ```js title="x"\n  x\n  ```\n',
    )
    expect(plan.steps.map((step) => step.block.word)).toEqual(['answer'])
  })
  test('a block in a comment does not run', () => {
    const plan = planOf('---\nholdpoint: 1\n---\n- [ ] One\n\n<!--\n- [ ] Two\n  ```sh run\n  x\n  ```\n-->\n')
    expect(plan.steps.map((step) => step.text)).toEqual(['One'])
  })
  test('an example of a block inside a longer fence is documentation', () => {
    const plan = planOf(
      '---\nholdpoint: 1\n---\n- [ ] One\n\n## How to write one\n\n````markdown\n- [ ] x\n  ```sh run\n  x\n  ```\n````\n',
    )
    expect(plan.steps).toHaveLength(1)
  })
  test('the document wins over the shared settings, name by name', () => {
    const { plan } = read(
      '---\nholdpoint: 1\nroles: { a: [ana] }\n---\n- [ ] One\n',
      'service: shop\nroles: { a: [x], b: [ben] }\n',
    )
    expect(plan?.service).toBe('shop')
    expect(plan?.roles).toEqual({ a: [{ id: 'ana', key: null }], b: [{ id: 'ben', key: null }] })
  })
  test('a problem of the shared settings names that file', () => {
    const { problems } = read('---\nholdpoint: 1\n---\n- [ ] One\n', 'servce: shop\n')
    expect(problems).toMatchObject([{ file: 'holdpoint.yaml', line: 1, code: 'unknown-attribute' }])
  })
  test('limits of a stage without a quantile are meant for the quantiles the metric has', () => {
    const plan = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../../golden/plans/every-block/plan.json'), 'utf8'),
    ) as Plan
    const rollout = plan.steps.find((step) => step.block.word === 'rollout')
    expect(rollout?.block.word === 'rollout' && rollout.block.stages[1]?.overrides).toEqual({
      errors: { rollback: [{ quantile: null, operator: '>', value: 0.015, text: '> 1.5%' }] },
      latency: { versusStable: [{ quantile: 0.95, relative: 0.3, points: null, text: '+30%' }] },
    })
  })
  test('an item that only sends messages or arms triggers asks nobody and closes by itself', () => {
    const notify = '  ```md notify on=rollout.started to=console\n  Here we go\n  ```\n'
    const trigger = '  ```yaml trigger\n  action: ask\n  check: { kind: tcp, host: db, port: 5432 }\n  ```\n'
    const plan = planOf(
      `---\nholdpoint: 1\n---\n- [ ] Told\n${notify}- [ ] Watched\n${trigger}- [ ] Both\n${notify}${trigger}` +
        `- [ ] Asked\n${notify}  \`\`\`yaml answer\n  evidence: required\n  \`\`\`\n- [ ] Plain\n`,
    )
    expect(plan.steps.map((step) => step.block.word)).toEqual(['group', 'group', 'group', 'answer', 'answer'])
    expect([plan.messages.length, plan.triggers.length]).toEqual([3, 2])
  })
  test('a trigger fires beyond a limit, between two, or too far from a baseline', () => {
    const trigger = (settings: string): string =>
      `\`\`\`promql trigger on=prom ${settings} action=ask\nsum(rate(errors[1m]))\n\`\`\`\n`
    const document = (settings: string): string =>
      '---\nholdpoint: 1\nsources: { prom: { kind: prometheus, url: "http://localhost:9090" } }\n---\n# R\n\n## Before\n' +
      `- [ ] Usual\n  \`\`\`yaml baseline\n  values: { p95: "avg(latency)" }\n  \`\`\`\n\n## Watch\n${trigger(settings)}`
    const fires = (settings: string) => planOf(document(settings)).triggers[0]?.check.config
    expect(fires('above=5%')).toMatchObject({ below: '5%' })
    expect(fires('between="2% and 5%"')).toMatchObject({ outside: '2% and 5%' })
    expect(fires('versus=baseline.p95 within=+50%')).toMatchObject({ versus: 'baseline.p95', within: '+50%' })
    expect(codesOf(document('above=5% between="2% and 5%"'))).toContain('conflicting-attributes')
    expect(codesOf(document(''))).toContain('missing-attribute')
  })
  test('YAML with a slip in it says one thing about it: where, and how to write it', () => {
    const { problems } = read(
      '---\nholdpoint: 1\n---\n- [ ] a\n  ```yaml answer\n  fields: { a: x "{y}", b: { type: text } }\n  owner: ana\n  ```\n',
    )
    expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([
      {
        code: 'yaml-syntax',
        line: 6,
        expected: 'quotes around a value that holds a brace, a bracket, a comma or a colon',
      },
    ])
  })
  test('a heading that is a step and only sends a message closes by itself', () => {
    const plan = planOf(
      '---\nholdpoint: 1\nsteps: headings\n---\n# R\n\n## Before\n\n### Told\n```md notify on=rollout.started to=console\nx\n```\n\n### Asked\n',
    )
    expect(plan.steps.map((step) => [step.text, step.block.word])).toEqual([
      ['Told', 'group'],
      ['Asked', 'answer'],
    ])
  })
  test('an undo may say that it is idempotent; without the word the plan says nothing of it', () => {
    const undoOf = (info: string): unknown =>
      planOf(`---\nholdpoint: 1\n---\n- [ ] Go\n  \`\`\`sh run\n  x\n  \`\`\`\n  \`\`\`${info}\n  y\n  \`\`\`\n`)
        .steps[0]?.undo
    expect(undoOf('sh undo idempotent')).toMatchObject({ idempotent: true })
    expect(undoOf('sh undo')).not.toHaveProperty('idempotent')
  })
  test('retries are no setting of an undo', () => {
    expect(
      codesOf(
        '---\nholdpoint: 1\n---\n- [ ] Go\n  ```sh run\n  x\n  ```\n  ```sh undo idempotent retries=2\n  y\n  ```\n',
      ),
    ).toEqual(['unknown-attribute'])
  })
})

test.each([
  ['  ```sh check when="version == \\"{{ version }}\\""\n  x\n  ```\n', 'version == version'],
  ['  ```sh check\n  # @expect stdout == "v{{ version }}"\n  x\n  ```\n', 'stdout == "v" + version'],
])('{{ }} in a condition is refused, with the right way to write it: %s', (block, right) => {
  const [problem = '', ...others] = read(`---\nholdpoint: 1\n---\n- [ ] One\n${block}`).problems.map(renderProblem)
  expect(others).toEqual([])
  expect(problem).toContain('would be compared as text')
  expect(problem).toContain(right)
})

describe('roles', () => {
  const asking = (roles: string, block: string): readonly string[] =>
    read(`---\nholdpoint: 1\n${roles}---\n# R\n\n## P\n- [ ] One\n${block}`).problems.map(renderProblem)
  const indented = (block: string): string =>
    block
      .split('\n')
      .map((line) => `  ${line}\n`)
      .join('')
  const rollout = (more: string): string =>
    indented(
      `\`\`\`yaml rollout\ncomponents: { api: { traffic: command, set: ./s, read: ./r, restore: ./x } }\n${more}\n\`\`\``,
    )
  const places: readonly (readonly [string, string])[] = [
    ['role of an approval', indented('```yaml approve\nrole: enginer\n```')],
    ['roles of an approval', indented('```yaml approve\nroles: [lead, enginer]\n```')],
    ['promote of a stage', rollout('stages: [{ weight: 5%, promote: enginer }, { weight: 100% }]')],
    ['ask of a judge', rollout('stages: [{ weight: 100% }]\njudge: { grey: { ask: enginer } }')],
  ]
  test.each(places)('a role that nobody declared beside declared ones is an error: %s', (_name, block) => {
    const [problem = '', ...others] = asking('roles: { engineer: [ana], lead: [ben] }\n', block)
    expect(others).toEqual([])
    expect(problem).toContain('unknown role "enginer"')
    expect(problem).toContain('engineer')
  })
  test.each(places)('where no role is declared any name may be claimed: %s', (_name, block) => {
    expect(asking('', block)).toEqual([])
  })
})
