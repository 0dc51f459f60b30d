import { expect, test } from 'vitest'
import { actions } from '../../actions/index.ts'
import { checks } from '../../checks/index.ts'
import { lint } from './lint.ts'
import { testKinds } from './test-kinds.ts'

const kinds = {
  ...testKinds,
  checks: new Map(checks.map((each) => [each.kind, each])),
  actions: new Map(actions.map((each) => [each.kind, each])),
}

function linted(steps: string): ReturnType<typeof lint> {
  const text = `---\nholdpoint: 1\nservice: shop\ninputs: { region: {} }\nsecrets: { GITHUB_TOKEN: env }\nsources: { prom: { kind: prometheus, url: "http://prom:9090" } }\n---\n## Ship\n${steps}`
  return lint({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, kinds)
}

const unknown = (steps: string): readonly string[] =>
  linted(steps)
    .problems.filter(({ code }) => code === 'unknown-value' || code.startsWith('bad'))
    .map(({ line, found }) => `${line} ${found}`)

const tag = (name: string): string =>
  `- [ ] Tagged\n  \`\`\`yaml run\n  kind: git-tag\n  tag: v{{ ${name} }}\n  message: "{{ version }} in {{ input.region }}"\n  irreversible: fetched\n  \`\`\`\n`

test('a name that nothing gives is told where an action, a check of a watch or a trigger needs it', () => {
  expect(unknown(tag('version'))).toEqual([])
  expect(unknown(tag('vesion'))).toEqual(['9 {{ vesion }} in a setting, a value that nothing gives'])
  const watch = (query: string, host: string): string =>
    `- [ ] A day\n  \`\`\`yaml watch\n  for: 1h\n  checks:\n    - { name: a, kind: tcp, host: "{{ ${host} }}", port: 1 }\n    - { name: b, kind: trend, rule: stable, query: 'up{v="{{ ${query} }}"}' }\n  \`\`\`\n`
  expect(unknown(watch('version', 'region'))).toEqual([])
  expect(unknown(watch('version', 'regoin'))).toEqual(['9 {{ regoin }} in a setting, a value that nothing gives'])
  expect(unknown(watch('vesion', 'region'))).toEqual(['14 {{ vesion }}, a value that nothing gives'])
  const trigger =
    '- [ ] One\n  ```yaml trigger\n  action: ask\n  check: { kind: tcp, host: "{{ regoin }}", port: 1 }\n  ```\n- [ ] Two\n'
  expect(unknown(trigger)).toEqual(['10 {{ regoin }} in a setting, a value that nothing gives'])
})

test('an action waits for the step that gives what stands deep in its settings', () => {
  const scale = `- [ ] Looked up
  \`\`\`sh check capture=found
  echo "found=a" >> "$HOLDPOINT_OUTPUT"
  \`\`\`
- [ ] Released
  \`\`\`yaml run
  kind: github-release
  repository: acme/shop
  tag: v1
  assets: ["dist/{{ found }}.zip"]
  irreversible: told
  \`\`\`
`
  const { plan, problems } = linted(scale)
  expect(problems.filter(({ severity }) => severity === 'error').map(({ found }) => found)).toEqual([])
  expect(plan?.steps[1]?.after).toContain(plan?.steps[0]?.id)
})
