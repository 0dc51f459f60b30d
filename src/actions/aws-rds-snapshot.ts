/** `yaml run kind: aws-rds-snapshot`: a snapshot of a database is made, and that it is complete is waited for. */
import { z } from 'zod'
import { awsAddresses, awsFields, awsRegion, awsSecrets } from '../core/aws/fields.ts'
import { createSnapshot, databaseOf, type DatabaseName, type DatabaseSnapshot, snapshotsOf } from '../core/aws/rds.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { parseDuration } from '../core/plan/duration.ts'
import { everyField, msOf, withAws } from './parts/aws.ts'

const duration = z.string().refine((text) => parseDuration(text).ok, { error: 'expected a duration such as 1h' })

const config = z.strictObject({
  region: awsRegion,
  instance: z.string().min(1).optional().describe('Name of the database'),
  cluster: z.string().min(1).optional().describe('Or name of the cluster'),
  snapshot: z
    .string()
    .min(1)
    .describe(
      'Name of the snapshot, such as shop-before-{{ version }}; what RDS does not accept in it becomes a hyphen',
    ),
  'newer-than': duration
    .default('1d')
    .describe('One of this name that is there already counts only when it is at most this old'),
  every: everyField,
  ...awsFields,
})

type Config = z.infer<typeof config>

export const awsRdsSnapshot = defineAction({
  kind: 'aws-rds-snapshot',
  summary: 'A snapshot of a database of RDS is made, and waited for until it is complete',
  config: config.refine((given) => (given.instance === undefined) !== (given.cluster === undefined), {
    error: 'expected either instance or cluster, such as instance: shop-prod',
  }),
  timeoutMs: 3_600_000,
  example:
    '```yaml run\nkind: aws-rds-snapshot\nregion: eu-west-1\ninstance: shop-prod\nsnapshot: shop-before-{{ version }}\nirreversible: a snapshot does no harm\n```',
  captures: ['snapshot'],
  secrets: (given) => awsSecrets(given),
  programs: [],
  addresses: awsAddresses(['rds']),
  run: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const { name, id } = namesOf(given)
      if ((await databaseOf(aws, name)) === null)
        throw new ActionFault(`there is no database ${Object.values(name)[0]}`)
      const look = async (): Promise<DatabaseSnapshot | null> => (await snapshotsOf(aws, name, id))[0] ?? null
      const before = await look()
      if (before === null) {
        powers.say(`making snapshot ${id}`)
        await createSnapshot(aws, name, id)
      } else expectYoung(before, given)
      powers.capture('snapshot', id)
      await complete(look, before, id, given, powers)
      return before?.status === 'available' ? `snapshot ${id} was there already` : `snapshot ${id} is complete`
    }),
  probe: (given, powers) =>
    withAws(given, powers, async (aws) => {
      const { name, id } = namesOf(given)
      if ((await databaseOf(aws, name)) === null)
        throw new ActionFault(`there is no database ${Object.values(name)[0]}`)
      const [found] = await snapshotsOf(aws, name, id)
      if (found?.status !== 'available') return false
      expectYoung(found, given)
      return true
    }),
})

function namesOf({ instance = '', cluster, snapshot }: Config): { readonly name: DatabaseName; readonly id: string } {
  const id = snapshot
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase()
  if (!/^[a-z]/.test(id)) throw new ActionFault(`${snapshot} is no name for a snapshot: it begins with a letter`)
  return { name: cluster === undefined ? { instance } : { cluster }, id }
}

/** The one of an earlier release is not what is asked for. */
function expectYoung({ id, at }: DatabaseSnapshot, given: Config): void {
  if (at !== null && Date.now() - at > msOf(given['newer-than']))
    throw new ActionFault(`there is a snapshot ${id} of ${new Date(at).toISOString()} already; choose another name`)
}

async function complete(
  look: () => Promise<DatabaseSnapshot | null>,
  before: DatabaseSnapshot | null,
  id: string,
  { every }: Config,
  powers: ActionPowers,
): Promise<void> {
  for (let current = before; current?.status !== 'available'; ) {
    if (current !== null && current.status !== 'creating' && current.status !== 'copying')
      throw new ActionFault(`snapshot ${id} is ${current.status}`)
    await powers.sleep(msOf(every))
    current = await look()
    if (current === null) throw new ActionFault(`snapshot ${id} is gone`)
  }
}
