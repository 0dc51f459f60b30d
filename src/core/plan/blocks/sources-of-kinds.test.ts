/** What asks for metrics names a source that has some: anything else could answer nothing, ever. */
import { expect, test } from 'vitest'
import { kinds } from '../../../app/app.ts'
import { compile } from '../compile.ts'

const head = `---
holdpoint: 1
service: shop
sources: { db: { kind: sqlite, file: shop.db }, prom: { kind: prometheus, url: "http://localhost:9090" } }
---
# R
- [ ] A
`

function problemsOf(source: string, block: string): readonly string[] {
  const text = `${head}${block.replaceAll('SOURCE', source).replaceAll(/^/gm, '  ')}\n`
  const { problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, kinds())
  return problems.map(({ found, expected }) => `${found}, expected ${expected}`)
}

test.each([
  '```promql check on=SOURCE below=1%\nup\n```',
  '```yaml check\nkind: trend\non: SOURCE\nquery: up\nover: 30d\nrule: no-decline\n```',
  '```yaml watch\nfor: 1h\njudge:\n  every: 30s\n  metrics: { up: { kind: gauge, source: SOURCE, query: up, rollback: "> 1" } }\n```',
])('a database has no metrics, an error beside: %s', (block) => {
  expect(problemsOf('prom', block)).toEqual([])
  expect(problemsOf('db', block)).toEqual([
    expect.stringMatching(/^"db", a source of the kind sqlite, expected a source of the kind .*prometheus.*: prom$/),
  ])
})
