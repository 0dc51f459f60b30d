/** Which looks a rollback phase ends with. */
import { expect, test } from 'vitest'
import { compile } from '../compile.ts'
import { testKinds } from '../test-kinds.ts'

const deploy = (environment: string): string => `\`\`\`yaml deploy
components: [api]
deploy: ./deploy.sh ${environment}
serves: ./version.sh ${environment}
healthy: ./healthy.sh
\`\`\``
const indented = (block: string): string => block.replaceAll(/^/gm, '  ')
const phase = (settings: string): string => (settings === '' ? '' : `\`\`\`yaml phase\n${settings}\n\`\`\`\n`)

function looks(deployPhase: string, backPhase: string, again = ''): readonly string[] {
  const text = `---
holdpoint: 1
environments: { staging: {}, production: {} }
---
# R
## Staging
\`\`\`yaml phase
environment: staging
\`\`\`
- [ ] There
${indented(deploy('staging'))}
## Out
${phase(deployPhase)}- [ ] Out
${indented(deploy('production'))}
${again}
## Back
${phase(`kind: rollback\n${backPhase}`.trim())}- [ ] Back
  \`\`\`sh run
  ./back.sh
  \`\`\`
`
  const { plan, problems } = compile({ file: 'r.md', bytes: new TextEncoder().encode(text), shared: null }, testKinds)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  return (plan?.steps ?? []).flatMap(({ block }) =>
    block.word === 'check' && block.servesAgain !== undefined ? [JSON.stringify(block.config['script'])] : [],
  )
}

const production = [expect.stringContaining('./version.sh production')]

test('what was brought out where the way back leads, and not what was in another environment before', () => {
  expect(looks('environment: production', 'environment: production')).toEqual(production)
  expect(looks('', '')).toEqual(production)
  expect(looks('', 'environment: production')).toEqual(production)
  expect(looks('environment: production', 'environment: staging')).toEqual([
    expect.stringContaining('./version.sh staging'),
  ])
})

test('the same component is looked at once, however often it is brought out', () => {
  expect(looks('', '', `- [ ] Once more\n${indented(deploy('production'))}`)).toEqual(production)
})
