/** The command driver: the contract on a weight kept in a file, and every way a command can fail to answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { command } from './command.ts'
import { powers, trafficDriverContract } from './traffic.contract.ts'

describe('traffic driver command', () => {
  trafficDriverContract(() => {
    const folder = mkdtempSync(join(tmpdir(), 'holdpoint-command-'))
    const file = join(folder, 'weight')
    writeFileSync(file, '0')
    const driver = command.open(
      command.config.parse({
        set: `test -f ${file}; echo "$HOLDPOINT_WEIGHT" > ${file}`,
        read: `echo "reading"; cat ${file}`,
        restore: `test -f ${file}; echo 0 > ${file}`,
      }),
    )
    return Promise.resolve({
      driver,
      address: null,
      meddle: (percent) => Promise.resolve(writeFileSync(file, `${percent} %`)),
      down: () => Promise.resolve(rmSync(file)),
      stop: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
    })
  })

  const reading = (script: string): Promise<{ kind: string; say: string }> =>
    command.open(command.config.parse({ set: 'true', read: script })).read(powers())

  test('what is no percentage cannot be told', async () => {
    for (const script of ['true', 'echo', 'echo NaN', 'echo 101', 'echo -5', 'echo "25 of 100"', 'echo 0x19'])
      expect(await reading(script)).toMatchObject({ kind: 'cannot-tell' })
    for (const script of ['echo 25', 'echo "25%"', 'echo "log"; echo "25.0 %"'])
      expect(await reading(script)).toMatchObject({ kind: 'weight', percent: 25 })
  })

  test('a number printed by a command that failed is no weight', async () => {
    expect(await reading('echo 25; echo "no route to host" >&2; exit 4')).toEqual({
      kind: 'cannot-tell',
      say: 'the weight cannot be read: the command ended with exit code 4 (no route to host)',
    })
  })

  test('an order that fails is refused with what the command said last', async () => {
    const driver = command.open(command.config.parse({ set: 'echo "quota exceeded" >&2; exit 1', read: 'echo 0' }))
    await expect(driver.set(25, powers())).rejects.toThrow(
      'The weight 25 % was not set: the command ended with exit code 1 (quota exceeded)',
    )
    await expect(driver.restore(powers())).rejects.toThrow('The weight 0 % was not set')
  })

  test('an order whose end nobody knows is refused', async () => {
    const driver = command.open(command.config.parse({ set: 'true', read: 'echo 25' }))
    const lost = powers({
      command: async (request) => ({ ...(await powers().command(request)), ended: 'lost', exitCode: null }),
    })
    await expect(driver.set(25, lost)).rejects.toThrow('nobody knows how the command ended')
    expect((await driver.verify(25, lost)).kind).toBe('cannot-tell')
  })
})
