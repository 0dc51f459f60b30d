import { expect, test } from 'vitest'
import { compile } from '../core/plan/compile.ts'
import { backup } from './backup.ts'

test('no value is ever pasted into the command: a document that tries to is refused when it compiles', () => {
  const text = `---
holdpoint: 1
name: Shop
service: shop
---
## Backup
- [ ] One more
  \`\`\`yaml run
  kind: backup
  command: pg_dump -f /b/{{ version }}.dump
  files: /b/*.dump
  irreversible: it only adds a backup
  \`\`\`
`
  const { problems } = compile(
    { file: 'shop.md', bytes: new TextEncoder().encode(text), shared: null },
    {
      actions: new Map([['backup', backup as never]]),
      checks: new Map(),
      sources: new Map(),
      drivers: new Map(),
      notifiers: new Map(),
    },
  )
  expect(JSON.stringify(problems.filter(({ severity }) => severity === 'error'))).toContain('values come by name')
})
