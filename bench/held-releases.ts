/**
 * P15, P16: a server at rest. Its memory beside a bare Node that only waits, and with 1,000 releases that wait for a person
 * the processor time it uses, and on PostgreSQL the statements it sends.
 */
import { execFileSync, spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { postgresPrograms, startCluster } from '../test/support/postgres.ts'
import { report, residentMiB } from './measure.ts'
import { processorSeconds, type Served, startHeld, startServed } from './served.ts'

const RELEASES = Number(process.argv[2] ?? 1000)
const REST_S = 30

const programs = postgresPrograms()
await measure('embedded store', await startServed(), null)
if (programs !== null) {
  const cluster = await startCluster(programs)
  try {
    const url = cluster.url('holdpoint')
    await measure('PostgreSQL', await startServed(['--database', url]), url)
  } finally {
    await cluster.dispose()
  }
}

async function measure(name: string, served: Served, url: string | null): Promise<void> {
  const bare = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  const { pid } = served.team
  try {
    await served.get('/v1/releases')
    await sleep(10_000)
    report(`P15 server at rest, ${name}`, {
      value: residentMiB(pid),
      baseline: residentMiB(bare.pid ?? 0),
      unit: 'MiB',
      goal: 3,
    })
    await startHeld(served, RELEASES)
    await sleep(10_000)
    const before = { cpu: processorSeconds(pid), statements: statementsOf(url) }
    await sleep(REST_S * 1000)
    const cores = (processorSeconds(pid) - before.cpu) / REST_S
    report(`P16 ${RELEASES} held releases, ${name}: processor beside one core`, {
      value: cores * 100,
      baseline: 100,
      unit: '%',
      goal: 0.01,
    })
    if (url !== null)
      process.stdout.write(
        `       ${((statementsOf(url) - before.statements) / REST_S).toFixed(1)} transactions/s with ${RELEASES} held releases\n`,
      )
  } finally {
    bare.kill()
    await served.team.end()
  }
}

/** Transactions of the whole server so far; asking is one of them. */
function statementsOf(url: string | null): number {
  if (url === null) return 0
  const plain = new URL(url)
  plain.search = ''
  const asked = 'select sum(xact_commit + xact_rollback) from pg_stat_database'
  return Number(execFileSync('psql', ['-XtAc', asked, plain.href], { encoding: 'utf8' }))
}
