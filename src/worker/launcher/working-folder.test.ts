/** The working folder of a command, held from the look at it until the command stands in it: by a real launcher, against one who swaps. */
import { spawn } from 'node:child_process'
import { mkdirSync, realpathSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Launcher } from '../../core/ports/launcher.ts'
import { localRequest } from '../remote/workspace.ts'
import { command, text, Workshop } from './test-support/workshop.ts'
import { holdFolder } from './working-folder.ts'

const workshop = new Workshop()
afterAll(() => workshop.clean())

/** `root/inside/deep` is what may be worked in, `outside/deep` is not; each holds a file that says where it is. */
function arrangement(): { readonly root: string; readonly inside: string; readonly outside: string } {
  const folder = realpathSync(workshop.folder())
  const [root, outside] = [join(folder, 'root'), join(folder, 'outside')]
  const inside = join(root, 'inside')
  for (const place of [inside, outside]) {
    mkdirSync(join(place, 'deep'), { recursive: true })
    for (const each of [place, join(place, 'deep')]) writeFileSync(join(each, 'where'), place)
  }
  return { root, inside, outside }
}

describe('a working folder', () => {
  test('is what it is called, or is refused with what is wrong', () => {
    const { root, inside, outside } = arrangement()
    const held = holdFolder(inside)
    if (held.kind === 'refused') expect.fail(held.why)
    held.release()
    const whyOf = (path: string) => {
      const found = holdFolder(path)
      return found.kind === 'refused' ? found.why : 'held'
    }
    expect(whyOf(join(root, 'missing'))).toBe(`there is no working folder ${join(root, 'missing')}`)
    expect(whyOf(join(inside, 'where'))).toContain('is not a folder')
    symlinkSync(outside, join(root, 'link'))
    for (const path of [join(root, 'link'), join(root, 'link', 'deep')])
      expect(whyOf(path)).toBe(`the working folder ${path} was exchanged for a link before the command stood in it`)
  })

  for (const depth of ['.', 'deep'])
    test(`that became a link after it was looked at starts nothing (${depth})`, async () => {
      const { root, inside, outside } = arrangement()
      const launcher = await workshop.launcher()
      const cwd = join(inside, depth)
      expect(text(await launcher.run(command('cat where', { cwd }))).stdout).toBe(inside)
      renameSync(inside, join(root, 'away'))
      symlinkSync(outside, inside)
      expect(await launcher.run(command('cat where', { cwd }))).toMatchObject({
        ended: 'not-started',
        why: expect.stringContaining('was exchanged for a link'),
      })
    })

  test.runIf(process.platform === 'linux')(
    'stays the one that was looked at, whatever stands there later',
    async () => {
      const { root, inside, outside } = arrangement()
      const held = holdFolder(inside)
      if (held.kind === 'refused') return expect.fail(held.why)
      renameSync(inside, join(root, 'away'))
      symlinkSync(outside, inside)
      const shell = spawn('cat', ['where'], { cwd: held.cwd })
      held.release()
      let said = ''
      for await (const bytes of shell.stdout) said += String(bytes)
      expect(said).toBe(inside)
    },
  )

  test('that somebody swaps all the time is worked in or refused, and never left', async () => {
    const { root, inside, outside } = arrangement()
    const launcher = await workshop.launcher()
    const swap = swapping(root, inside, outside)
    const seen = new Map<string, number>()
    try {
      // Until both have happened: somebody who never wins the race would prove nothing.
      const giveUpAt = performance.now() + 30_000
      while ((count(seen, inside) < 20 || count(seen, 'refused') < 20) && performance.now() < giveUpAt) {
        const results = await Promise.all(Array.from({ length: 10 }, () => once(launcher, root)))
        for (const result of results) seen.set(result, count(seen, result) + 1)
      }
    } finally {
      swap.kill('SIGKILL')
    }
    expect([...seen.keys()].sort()).toEqual([inside, 'refused'].sort())
  })
})

/** As a worker does it: the folder is followed and checked, and then given to the launcher. */
async function once(launcher: Launcher, root: string) {
  const place = {
    service: 'shop',
    environment: 'production',
    labels: [],
    folder: 'inside/deep',
    environmentNames: [],
    isUrgent: false,
  }
  const request = localRequest(
    { ...command('cat where', { effect: 'read' }), place },
    { workspace: root, environment: {} },
  )
  if ('refused' in request) return 'refused'
  const result = await launcher.run(request)
  return result.ended === 'not-started' ? 'refused' : text(result).stdout
}

function count(seen: ReadonlyMap<string, number>, key: string): number {
  return seen.get(key) ?? 0
}

/** A process that makes `inside` a folder and a link to `outside` in turn, as fast as it can. */
function swapping(root: string, inside: string, outside: string) {
  const script = `const { renameSync, symlinkSync } = require('node:fs')
const [root, inside, outside] = process.argv.slice(1)
symlinkSync(outside, root + '/link')
for (;;) {
  renameSync(inside, root + '/away'); renameSync(root + '/link', inside)
  renameSync(inside, root + '/link'); renameSync(root + '/away', inside)
}`
  return spawn(process.execPath, ['-e', script, root, inside, outside], { stdio: 'ignore' })
}
