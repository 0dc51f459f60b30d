/** `release list`: one line per release. Imports the client and little else, because it is asked often. */
import type { ReleaseSummary } from '../../core/ports/store.ts'
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { count, flag, text } from '../values.ts'

export const releaseList: Run = async (context, _words, options) => {
  const client = await context.client()
  const service = text(options, 'service')
  const limit = count(text(options, 'limit') ?? '20', '--limit')
  const releases = await client.list({
    ...(flag(options, 'open') ? { open: true } : {}),
    ...(service === null ? {} : { service }),
    limit,
  })
  if (context.json) printJson(context, releases)
  else if (releases.length === 0) context.err('no releases yet; for example: holdpoint run RELEASE.md --version 1')
  else for (const line of await table(releases, context.paper().width, context.colour)) context.out(line)
  return 0
}

async function table(releases: readonly ReleaseSummary[], width: number, colour: boolean): Promise<readonly string[]> {
  const { cell, paint } = await import('../terminal/line.ts')
  const { widthOf } = await import('../terminal/text.ts')
  const column = (head: string, of: (one: ReleaseSummary) => string, most: number) =>
    Math.min(most, Math.max(head.length, ...releases.map((one) => widthOf(of(one)))))
  const id = column('RELEASE', (one) => one.id, 40)
  const where = column('TARGET', (one) => `${one.service} → ${one.environment}`, 28)
  const phase = column('STATE', (one) => one.phase, 16)
  const row = (a: string, b: string, c: string, d: string) =>
    [cell(a, id), '  ', cell(b, where), '  ', cell(c, phase), '  ', d].join('')
  return [
    paint([[row('RELEASE', 'TARGET', 'STATE', 'NOW'), 'dim']], { width, colour }),
    ...releases.map((one) =>
      paint(
        [[row(one.id, `${one.service} → ${one.environment}`, one.phase.replaceAll('-', ' '), one.bar), toneOf(one)]],
        { width, colour },
      ),
    ),
  ]
}

function toneOf({ phase, open }: ReleaseSummary) {
  if (phase.startsWith('roll') || phase === 'left') return 'bad' as const
  return open ? ('plain' as const) : ('dim' as const)
}
