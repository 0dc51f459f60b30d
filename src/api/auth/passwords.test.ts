/** Passwords of local accounts: what is accepted, how they are kept, and what a guess learns from an answer. */
import { expect, test } from 'vitest'
import { MemoryStore } from '../../store/memory.ts'
import { realClock } from '../../worker/clock.ts'
import { createAccounts } from './accounts.ts'
import { hashOfPassword, isPassword, SHORTEST, weakness } from './passwords.ts'

test('short, listed, repeated and own names are no passwords', () => {
  for (const [password, names] of [
    ['', []],
    ['short', []],
    ['x'.repeat(SHORTEST), []],
    ['abababababab', []],
    ['password1234', []],
    ['Password-1234', []],
    ['qwertyuiop12', []],
    ['anabell likes tea', ['anabell']],
    ['the acme-shop way', ['acme-shop']],
    ['y'.repeat(257), []],
  ] as const)
    expect([password, weakness(password, names)]).toEqual([password, expect.any(String)])
  for (const password of [
    'correct staple horse battery',
    'grün ist die Hoffnung',
    '七転び八起き、それでも歩く夜',
    '  spaces count too  ',
  ])
    expect([password, weakness(password, ['ana'])]).toEqual([password, null])
})

test('a password is kept with a salt of its own, at the cost it was made with', async () => {
  const password = 'correct staple horse battery'
  const [one, other] = [await hashOfPassword(password), await hashOfPassword(password)]
  expect(one).not.toBe(other)
  expect(one).not.toContain(password)
  const [scheme, cost] = one.split('$')
  expect([scheme, Number(cost) >= 2 ** 16]).toEqual(['scrypt', true])
  expect(await isPassword(password, one)).toBe(true)
  // The same letters typed on another keyboard are the same password.
  expect(await isPassword('cafe\u0301 au lait, bitte', await hashOfPassword('caf\u00e9 au lait, bitte'))).toBe(true)
  for (const wrong of ['', `${password} `, password.toUpperCase(), password.slice(1)])
    expect(await isPassword(wrong, one)).toBe(false)
  for (const kept of ['', 'scrypt', 'plain$1$1$1$AA==$AA==', one.replace('scrypt', 'md5')])
    expect(await isPassword(password, kept)).toBe(false)
}, 120_000)

test('an account that is not there takes as long as one that is', async () => {
  const accounts = createAccounts(new MemoryStore(), realClock())
  await accounts.setPassword('ana', 'correct staple horse battery')
  const took = async (person: string): Promise<number> => {
    const times: number[] = []
    for (let tries = 0; tries < 3; tries += 1) {
      const before = performance.now()
      expect(await accounts.checkPassword(person, 'a guess that is wrong')).toBe(false)
      times.push(performance.now() - before)
    }
    return times.toSorted((a, b) => a - b)[1]!
  }
  await took('nobody')
  const [known, unknown] = [await took('ana'), await took('nobody')]
  console.log(`a wrong password: ${known.toFixed(0)} ms, a name that is not there: ${unknown.toFixed(0)} ms`)
  // Without the pretence it would be a thousandth; what a busy machine adds is not held against it.
  expect(unknown).toBeGreaterThan(known / 20)
}, 120_000)

test('an invitation lets one person in once, and the newest only', async () => {
  const accounts = createAccounts(new MemoryStore(), realClock())
  const old = await accounts.invite('ana', 60_000)
  const newest = await accounts.invite('ana', 60_000)
  expect(await accounts.redeem(old)).toBeNull()
  const both = await Promise.all([accounts.redeem(newest), accounts.redeem(newest)])
  expect(both.filter((one) => one !== null)).toEqual(['ana'])
  expect(await accounts.redeem(newest)).toBeNull()
  expect(await accounts.redeem(await accounts.invite('ana', -1))).toBeNull()
})

test('ending all sign-ins of one person leaves those of others alone, and a session is kept under its hash', async () => {
  const accounts = createAccounts(new MemoryStore(), realClock())
  const mine = await accounts.openSession('ana', 'password')
  const others = await accounts.openSession('ben', 'password')
  expect(mine.secret).toMatch(/^hps_/)
  expect(mine.session.key).not.toContain(mine.secret)
  expect(await accounts.closeAllSessions('ana')).toBe(1)
  const open = await accounts.openSessions()
  expect([open.has(mine.session.key), open.has(others.session.key)]).toEqual([false, true])
})
