/** The long form of the chaos suite: `npm run chaos -- --minutes 10 --seed 7`. Exit code 1 when a promise was broken. */
import { parseArgs } from 'node:util'
import { postgresPrograms } from '../support/postgres.ts'
import { ofDatabase, ofReplicas, ofWorkers } from './faults.ts'
import { Site } from './site.ts'
import { storm } from './storm.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    lanes: { type: 'string', default: '20' },
    replicas: { type: 'string', default: '3' },
    /** On SQLite with one server instead of PostgreSQL with several. */
    embedded: { type: 'boolean', default: false },
    /** So many workers in processes of their own, which are killed, frozen and cut off too; 0 = the servers run the commands. */
    workers: { type: 'string', default: '0' },
  },
})
const endsAt = Date.now() + Number(values.minutes) * 60_000
const programs = values.embedded ? null : postgresPrograms()
let seed = Number(values.seed)
let isBroken = false
const workers = Number(values.workers)
const ofWork = workers > 0 ? { workers, environment: { HOLDPOINT_WORKER_LEASE: '2s' } } : {}

// Rounds, so that a history stays small enough to look at, and every seed is one of them.
for (; Date.now() < endsAt && !isBroken; seed += 1) {
  const site = await Site.open({
    postgres: programs,
    replicas: programs === null ? 1 : Number(values.replicas),
    ...ofWork,
  })
  try {
    const weathered = await storm(site, {
      seed,
      lanes: Number(values.lanes),
      faults: [...ofReplicas, ...(programs === null ? [] : ofDatabase), ...(workers > 0 ? ofWorkers : [])],
      mostFaults: 50,
      mostMs: Math.min(120_000, endsAt - Date.now()),
      say: (what) => console.log(`  ${what}`),
    })
    const { broken, faults, releases, effects, phases } = weathered
    console.log(
      `seed ${seed}: ${faults.length} faults, ${releases} releases ${JSON.stringify(phases)}, ${effects} effects`,
    )
    console.log(`  answers by status: ${JSON.stringify(Object.fromEntries(site.seen.statuses))}`)
    for (const line of broken) console.error(`BROKEN ${line}`)
    isBroken = broken.length > 0
    if (isBroken) for (const each of [...site.replicas, ...site.workers]) console.error(each.story)
  } finally {
    await site.close()
  }
}
process.exitCode = isBroken ? 1 : 0
