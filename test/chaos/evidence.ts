/** What a site leaves behind, read through the store's own port: the log, and the samples behind its verdicts. */
import type { SampleBatch } from '../../src/core/judge/verdict.ts'
import type { Store } from '../../src/core/ports/store.ts'
import { openStore } from '../../src/store/open.ts'
import { type Evidence, type Log, statesOf } from './history.ts'
import type { Site } from './site.ts'

/** The embedded store is free only when its server has ended. */
export async function evidenceOf(site: Site): Promise<Evidence & { readonly log: Log }> {
  const store = await openStore(site.address, { now: Date.now() })
  try {
    const log = await logOf(store)
    return { log, target: site.target, batches: await batchesOf(store, log) }
  } finally {
    await store.close()
  }
}

async function logOf(store: Store): Promise<Log> {
  const all: Log[number][] = []
  for (;;) {
    const page = await store.tail(all.at(-1)?.position ?? 0, 5_000)
    if (page.length === 0) return all
    all.push(...(page as Log))
  }
}

async function batchesOf(store: Store, log: Log): Promise<ReadonlyMap<string, readonly SampleBatch[]>> {
  const found = new Map<string, readonly SampleBatch[]>()
  for (const { id, plan } of statesOf(log)) {
    const places = plan.steps.flatMap(({ id: step, block }): { step: string; stage: number | null }[] => {
      if (block.word === 'rollout') return block.stages.map((_, stage) => ({ step, stage }))
      return block.word === 'watch' ? [{ step, stage: null }] : []
    })
    const batches = await Promise.all(places.map(({ step, stage }) => store.batches(id, step, stage)))
    found.set(id, batches.flat())
  }
  return found
}
