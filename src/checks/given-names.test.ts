/** Lint knows the values that requests and scenarios capture for themselves, and tells the names that nothing gives. */
import { expect, test } from 'vitest'
import { lint } from '../core/plan/lint.ts'
import { checks } from './index.ts'

const byKind = new Map(checks.map((definition) => [definition.kind, definition]))
const kinds = { checks: byKind, sources: new Map(), drivers: new Map(), notifiers: new Map() }

function unknownIn(block: string): readonly string[] {
  const text = `---\nholdpoint: 1\nservice: shop\n---\n# R\n- [ ] A {#a}\n${block.replaceAll(/^/gm, '  ')}\n`
  const { problems } = lint({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return problems.filter(({ code }) => code === 'unknown-value').map(({ found }) => found.split(' in ')[0] ?? '')
}

test('a request may use what one before it captured', () => {
  const requests = (name: string): string =>
    `\`\`\`http check\n# @capture id = body.id\nGET https://a.example/\n\n###\nGET https://a.example/{{ ${name} }}\n\`\`\``
  expect(unknownIn(requests('id'))).toEqual([])
  expect(unknownIn(requests('di'))).toEqual(['{{ di }}'])
})

test('a step of a scenario may use what another captured, its round and its item', () => {
  const steps = (path: string): string => `\`\`\`yaml check
kind: scenario
steps:
  - { kind: http, requests: "GET https://a.example/", capture: { id: body.id } }
  - { kind: http, for-each: [ana, bo], requests: "GET https://a.example/${path}" }
\`\`\``
  expect(unknownIn(steps('{{ id }}/{{ item }}/{{ round }}'))).toEqual([])
  expect(unknownIn(steps('{{ di }}/{{ item }}'))).toEqual(['{{ di }}'])
})
