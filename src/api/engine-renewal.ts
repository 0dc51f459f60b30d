/** An engine of another build than the program that asks: replaced when it is idle, named when it is not. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { createClient } from './client.ts'
import { ApiFault, type Health } from './client-types.ts'
import { startEngine } from './engine-starter.ts'
import { answering } from './http-call.ts'

const LOOK_EVERY_MS = 20
const END_PATIENCE_MS = 10_000

/** Ends the engine and starts this program's own; a sentence = it has open releases, so that a person decides. */
export async function renewEngine(config: Config): Promise<string | null> {
  const client = createClient({ socketPath: config.socket })
  try {
    const health = await client.health()
    if (health.open > 0 || health.serving === true) return ofAnotherBuild(health)
    await client.stop()
    if (!(await hasEnded(config))) return ofAnotherBuild(health)
  } catch (fault) {
    // It ended by itself meanwhile: then the next one is of this build.
    if (!(fault instanceof ApiFault)) throw fault
  } finally {
    client.close()
  }
  await startEngine(config)
  return null
}

function ofAnotherBuild({ pid, version, open, serving }: Health): string {
  const releases = open === 1 ? 'a release open' : `${open} releases open`
  const busy = serving === true ? 'serves the network' : `has ${releases}`
  return `the running engine (pid ${pid}, version ${version}) is of another build than this program and ${busy}; end it with \`kill ${pid}\` when nothing is being moved, or wait: the next command starts a new one`
}

async function hasEnded(config: Config): Promise<boolean> {
  const deadline = Date.now() + END_PATIENCE_MS
  while ((await answering(config.socket)) !== null) {
    if (Date.now() > deadline) return false
    await sleep(LOOK_EVERY_MS)
  }
  return true
}
