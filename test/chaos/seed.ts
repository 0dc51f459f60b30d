/** Releases that are written straight into the store of a site, many at once: what an engine finds when it comes. */
import { join } from 'node:path'
import { startRelease } from '../../src/engine/start.ts'
import { Targets } from '../../src/engine/targets.ts'
import { openStore } from '../../src/store/open.ts'
import { planOf, type Site } from './site.ts'

const together = 50

/** `textOf` a checklist for each; resolves to the ids of the releases. The embedded store is free only when its server has ended. */
export async function seedReleases(site: Site, count: number, textOf: (index: number) => string): Promise<string[]> {
  const store = await openStore(site.address, { now: Date.now() })
  const workspace = { root: join(site.folder, 'workspace'), commit: null, dirty: false }
  const by = { id: 'ana', kind: 'person', assurance: 'proven' } as const
  const shared = { version: '1', previous: null, environment: 'staging', inputs: {}, artefact: null } as const
  const more = { idempotencyKey: null, rehearsal: false, supersede: false, project: 'shop', workspace } as const
  const targets = new Targets(store)
  let suffix = 0
  const ids = { suffix: () => `s${(suffix += 1)}` }
  const one = async (index: number): Promise<string> => {
    const plan = planOf(textOf(index))
    const started = await startRelease({ store, targets, ids, now: () => Date.now() }, { ...shared, ...more, plan }, by)
    if (started.kind === 'refused') throw new Error(started.reason)
    return started.release
  }
  const releases: string[] = []
  for (let from = 0; from < count; from += together)
    releases.push(
      ...(await Promise.all(Array.from({ length: Math.min(together, count - from) }, (_, index) => one(from + index)))),
    )
  await store.close()
  return releases
}
