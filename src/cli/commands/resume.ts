/** `resume`: starts the engine again, which attends every open release. */
import type { Run } from '../command-entry.ts'
import { printJson } from '../context.ts'
import { environmentToLend, secretsToLend } from '../inputs.ts'
import { countWords } from '../../report/words.ts'

export const resume: Run = async (context) => {
  const client = await context.client()
  const open = await client.list({ open: true, limit: 1000 })
  for (const release of open) {
    const plan = await client.plan(release.id)
    const secrets = plan ? secretsToLend(plan, process.env) : {}
    if (Object.keys(secrets).length > 0) await client.lend(secrets)
    if (plan && plan.env.length > 0) await client.lendEnvironment(release.id, environmentToLend(plan, process.env))
  }
  const health = await client.health()
  if (context.json) {
    printJson(context, { engine: { pid: health.pid, home: health.home }, open })
    return 0
  }
  context.out(
    open.length === 0
      ? 'no release is open'
      : `the engine (pid ${health.pid}) attends ${countWords(open.length, 'open release')}`,
  )
  for (const one of open) context.out(`  ${one.id}  ${one.bar}\n    holdpoint release watch ${one.id}`)
  return 0
}
