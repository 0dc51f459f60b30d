/**
 * The engine process of the product, made to die at a chosen append: `HOLDPOINT_CRASH=engine|launcher|both`,
 * `HOLDPOINT_CRASH_AT=<number of the append>`, `HOLDPOINT_CRASH_SIDE=before|after`. Appends that were made are counted
 * in the file `appends` of its home. The product knows nothing of this: the store's method is wrapped from outside.
 */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/config/config.ts'
import type { Store } from '../../src/core/ports/store.ts'
import { runEngineProcess } from '../../src/app/engine-process.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'

const config = readConfig()
const victim = process.env['HOLDPOINT_CRASH']
const crashAt = Number(process.env['HOLDPOINT_CRASH_AT'] ?? 0)
const side = process.env['HOLDPOINT_CRASH_SIDE']

const prototype = await storePrototype()
const append = Reflect.get(prototype, 'append') as (
  this: Store,
  ...given: Parameters<Store['append']>
) => ReturnType<Store['append']>
let appends = 0
prototype.append = async function appendOrCrash(...given: Parameters<Store['append']>) {
  appends += 1
  const isHere = appends === crashAt
  appendFileSync(join(config.home, 'appends'), `${given[0].streams.map((one) => one.stream).join(' ')}\n`)
  if (isHere && side === 'before') crash()
  const stored = await append.apply(this, given)
  if (isHere && side === 'after') crash()
  return stored
}

process.exitCode = await runEngineProcess(config)

/** The class is the store's own affair; its instances lead to it. */
async function storePrototype(): Promise<Store> {
  const directory = mkdtempSync(join(tmpdir(), 'holdpoint-prototype-'))
  const store = await openSqliteStore({ directory, now: Date.now() })
  await store.close()
  rmSync(directory, { recursive: true })
  return Object.getPrototypeOf(store) as Store
}

function crash(): void {
  appendFileSync(join(config.home, 'crashed'), `${victim}\n`)
  if (victim !== 'engine') for (const pid of launchers()) process.kill(pid, 'SIGKILL')
  if (victim !== 'launcher') process.kill(process.pid, 'SIGKILL')
}

/** Launchers that work in this home. */
function launchers(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const words = commandLine(name)
      return words.includes(config.launcherHome) && words.some((word) => /launcher\/main\.[jt]s$/.test(word))
    })
    .map(Number)
}

function commandLine(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return []
  }
}
