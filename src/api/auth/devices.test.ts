/** The mark of a known browser: whose it is, how long, and what it is worth elsewhere. */
import { expect, test } from 'vitest'
import { deviceIn, isDeviceText, makeDevice } from './devices.ts'

const now = 1_800_000_000_000
const day = 86_400_000
const mark = makeDevice('ana', 'hash of her password', now)

test('is known as the same device of the same person, for a while', () => {
  expect(isDeviceText(mark)).toBe(true)
  const name = deviceIn(mark, 'ana', 'hash of her password', now + day)
  expect(name).toMatch(/^[\w-]{22}$/)
  expect(deviceIn(mark, 'ana', 'hash of her password', now + 119 * day)).toBe(name)
  expect(deviceIn(mark, 'ana', 'hash of her password', now + 121 * day)).toBeNull()
  expect(deviceIn(makeDevice('ana', 'hash of her password', now), 'ana', 'hash of her password', now)).not.toBe(name)
})

test('is worth nothing for another person, after a new password, or changed in any place', () => {
  expect(deviceIn(mark, 'bo', 'hash of her password', now)).toBeNull()
  expect(deviceIn(mark, 'ana', 'hash of her next password', now)).toBeNull()
  for (let at = 0; at < mark.length; at += 1) {
    const changed = `${mark.slice(0, at)}${mark[at] === 'A' ? 'B' : 'A'}${mark.slice(at + 1)}`
    expect([at, deviceIn(changed, 'ana', 'hash of her password', now)]).toEqual([at, null])
  }
  for (const text of ['', 'x', `${mark}x`, mark.slice(0, -1), mark.replaceAll('.', '')])
    expect([text, isDeviceText(text), deviceIn(text, 'ana', 'hash of her password', now)]).toEqual([text, false, null])
})
