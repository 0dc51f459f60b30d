/** What a block prints and what a run asks for stand in its record, so secrets are neither. */
import { describe, expect, test } from 'vitest'
import { shellProposal } from './proposals.ts'

const made = (script: string) => shellProposal(script, { language: 'sh', words: 'It works' })

test.for([
  `kubectl get secret admin -o jsonpath='{.data.password}' | base64 -d`,
  'aws secretsmanager get-secret-value --secret-id shop',
  'git rev-parse HEAD && cat ~/.aws/credentials',
  'sudo cat /etc/shadow',
  'npm test && printenv',
  'vault kv get secret/shop',
])('a secret is not printed by a block: %s', (script) => {
  expect(made(script)).toMatchObject({ proposal: null, remark: expect.stringContaining('prints a secret') })
})

test.for([
  'kubectl get secret admin -n shop && kubectl get pods -n shop',
  'grep EXEC_MODE .env.staging',
  'TOKEN=$(vault kv get -field=token secret/shop) && curl -H "Authorization: $TOKEN" https://shop.acme.dev',
])('what only needs one, or counts them, is proposed: %s', (script) => {
  expect(made(script).remark).not.toContain('prints a secret')
})

describe('a secret that the document leaves open', () => {
  test.for(['<password>', '<API token>', 'YOUR_API_KEY', 'PASTE_SECRET_HERE'])('is never asked for: %s', (name) => {
    const { proposal, remark } = made(`curl -H "x-key: ${name}" https://shop.acme.dev/me`)
    expect(proposal).toBeNull()
    expect(remark).toContain(`the secret ${name}`)
  })

  test('is another thing than a value with such a word in its name', () => {
    expect(made('redis-cli -h <tokenizer-host> ping').proposal).not.toBeNull()
  })
})
