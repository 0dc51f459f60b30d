/** A vault behind a command: what it is given, what is taken of it, and what it can never do. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSecretVault } from '../secret-vault.ts'
import { commandProvider, secretCommandOf } from './secret-command.ts'

let folder: string
let asked: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdpoint-vault-'))
  asked = join(folder, 'asked')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function vault(body: string): { HOLDPOINT_SECRET_COMMAND: string; PATH: string } {
  const program = join(folder, 'read-secret')
  writeFileSync(program, `#!/bin/sh\nprintf '%s|' "$@" >> '${asked}'\n${body}\n`)
  chmodSync(program, 0o755)
  return { HOLDPOINT_SECRET_COMMAND: JSON.stringify([program, '--raw']), PATH: process.env['PATH'] ?? '' }
}

describe.each([true, false])('a vault (asked at once: %s)', (asksAtOnce) => {
  const value = async (environment: Readonly<Record<string, string>>, name = 'shop/api-token', now = 0) => {
    const provider = commandProvider(environment, { asksAtOnce, now: () => now })
    await provider.prepare([name])
    return provider.value(name)
  }

  test('is given the name as its last word, and what it prints is the value, without the line end', async () => {
    expect(await value(vault('echo hunter2-hunter2'))).toBe('hunter2-hunter2')
    expect(readFileSync(asked, 'utf8')).toBe('--raw|shop/api-token|')
  })

  test('that fails, prints nothing or too much has no value', async () => {
    expect(await value(vault('echo hunter2-hunter2; exit 3'))).toBeUndefined()
    expect(await value(vault('true'))).toBeUndefined()
    expect(await value(vault('head -c 200000 /dev/zero'))).toBeUndefined()
  })

  test('is not asked with what could be an option, and runs in no shell', async () => {
    const environment = vault('echo hunter2-hunter2')
    expect(await value(environment, '--help')).toBeUndefined()
    expect(await value(environment, 'a; touch b')).toBeUndefined()
    expect(() => readFileSync(asked)).toThrow()
  })

  test('is asked once in a minute for each secret, and again after it', async () => {
    let now = 0
    const provider = commandProvider(vault('echo hunter2-hunter2'), { asksAtOnce, now: () => now })
    for (now of [0, 1_000, 59_000]) {
      await Promise.all([provider.prepare(['a']), provider.prepare(['a'])])
      expect(provider.value('a')).toBe('hunter2-hunter2')
    }
    now = 61_000
    await provider.prepare(['a'])
    expect(readFileSync(asked, 'utf8')).toBe('--raw|a|--raw|a|')
  })
})

test('a setting that is no list with the path of a program is told', () => {
  expect(secretCommandOf({})).toBeNull()
  for (const wrong of ['read-secret', '["read-secret"]', '[]', '{}', '["/bin/x", 1]'])
    expect(() => secretCommandOf({ HOLDPOINT_SECRET_COMMAND: wrong })).toThrow('expected a JSON list')
})

test('a value from a vault is found once it was prepared, and redacted from everything recorded', async () => {
  const held = createSecretVault(vault('echo hunter2-hunter2'))
  const plan = { secrets: { TOKEN: { from: 'command', name: 'shop/api-token' } } } as never
  expect(() => held.value(plan, 'TOKEN')).toThrow('what HOLDPOINT_SECRET_COMMAND prints for shop/api-token is missing')
  await held.prepare(plan)
  expect(held.value(plan, 'TOKEN')).toBe('hunter2-hunter2')
  expect(held.redactor(plan).text('sent hunter2-hunter2')).toBe('sent ***')
})

test('settings of Holdpoint itself are secrets of no checklist', () => {
  const held = createSecretVault({ HOLDPOINT_SECRET_KEY: 'the key of the server' })
  held.lend({ HOLDPOINT_SECRET_KEY: 'the key of the server' })
  const plan = { secrets: { KEY: { from: 'env', name: 'HOLDPOINT_SECRET_KEY' } } } as never
  expect(() => held.value(plan, 'KEY')).toThrow('HOLDPOINT_SECRET_KEY is a setting of Holdpoint')
})
