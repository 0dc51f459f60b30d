import { describe, expect, test } from 'vitest'
import { compile, type Compiled } from '../compile.ts'
import type { WatchBlock } from '../plan.ts'
import { renderProblem } from '../problem.ts'
import { testKinds } from '../test-kinds.ts'

function read(text: string): Compiled {
  return compile({ file: 'release.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
}

function codesOf(text: string): readonly string[] {
  return read(text).problems.map((problem) => problem.code)
}

describe('the checks of a watch', () => {
  const watching = (checks: string, judge = '{ every: 10s, metrics: {} }'): string =>
    `---\nholdpoint: 1\nsources: { prom: { kind: prometheus, url: "http://localhost:9090" } }\n---\n# R\n\n## W\n- [ ] Quiet\n  \`\`\`yaml watch\n  for: 1h\n  judge: ${judge}\n  checks:\n${checks}\n  \`\`\`\n`
  const blockOf = (text: string): WatchBlock | undefined => {
    const { plan, problems } = read(text)
    expect(problems.map(renderProblem)).toEqual([])
    return plan?.steps.flatMap(({ block }) => (block.word === 'watch' ? [block] : []))[0]
  }

  test('are checks with a name, and gauges of that name for the judge', () => {
    const block = blockOf(watching('    - { name: door, kind: tcp, host: db, port: 5432, fails: 4 }'))
    expect(block?.checks).toMatchObject([
      { name: 'door', check: { kind: 'tcp', config: { host: 'db', port: 5432 }, timeoutMs: 8_000 } },
    ])
    expect(block?.judge.metrics).toMatchObject([
      {
        name: 'door',
        kind: 'gauge',
        minSamples: 1,
        forMs: 30_000,
        go: [{ operator: '<', value: 1 }],
        rollback: [{ operator: '>', value: 0, text: 'fails 4 times in a row' }],
      },
    ])
  })

  test('stand beside the metrics of the judge, and one failure is enough unless they say otherwise', () => {
    const judge = '{ metrics: { errors: { kind: gauge, query: up, go: "< 1" } } }'
    const block = blockOf(watching('    - { name: door, kind: tcp, host: db, port: 5432 }', judge))
    expect(block?.judge.metrics.map(({ name, forMs }) => [name, forMs])).toEqual([
      ['errors', 0],
      ['door', 0],
    ])
  })

  test('may be commands, which are bash unless they say otherwise', () => {
    const block = blockOf(watching('    - { name: queue, kind: command, script: ./length.sh }'))
    expect(block?.checks[0]?.check).toMatchObject({ kind: 'command', config: { shell: 'bash', script: './length.sh' } })
  })

  test('are validated by their kind', () => {
    expect(codesOf(watching('    - { name: door, kind: tcp, host: db, port: 99999 }'))).toEqual(['bad-config'])
    expect(codesOf(watching('    - { name: door, kind: tpc, host: db }'))).toContain('unknown-kind')
    expect(codesOf(watching('    - { kind: tcp, host: db, port: 5432 }'))).toEqual(['missing-attribute'])
    expect(codesOf(watching('    - { name: lag, kind: sql, on: nowhere, query: select 1 }'))).toEqual([
      'unknown-source',
    ])
    expect(codesOf(watching('    - { name: health, kind: http, requests: "GET https://x/{{ secret.NO }}" }'))).toEqual([
      'unknown-secret',
    ])
  })

  test('share no name with a metric', () => {
    const judge = '{ metrics: { door: { kind: gauge, query: up, go: "< 1" } } }'
    expect(codesOf(watching('    - { name: door, kind: tcp, host: db, port: 5432 }', judge))).toEqual(['bad-value'])
  })

  test('a watch wants something to look at, and an empty list is nothing', () => {
    expect(codesOf(watching('    []'))).toEqual(['bad-value'])
    expect(codesOf(watching('    []').replace(/ {2}checks:\n.*\n/, ''))).toEqual(['missing-attribute'])
  })
})
