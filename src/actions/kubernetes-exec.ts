/** `yaml run kind: kubernetes-exec`: a command is run in containers of a Kubernetes cluster, where another one says that it is needed. */
import { z } from 'zod'
import type { Cluster } from '../core/kubernetes/cluster.ts'
import {
  execAddress,
  execCommand,
  type ExecCommand,
  execEnd,
  type ExecEnd,
  execFields,
  execHandshake,
  execName,
  type ExecPlace,
  execPlaces,
  execRefusal,
} from '../core/kubernetes/exec.ts'
import { ActionFault, type ActionPowers, defineAction } from '../core/ports/action.ts'
import { tellingLine } from '../core/telling-line.ts'
import { clusterSettings, inCluster, withCluster } from './parts/cluster.ts'

const config = z.strictObject({
  ...clusterSettings.fields,
  ...execFields,
  command: execCommand.describe(
    'Words of a program such as `[rake, cache:clear]`, or a script for `sh` of the container',
  ),
  done: execCommand.describe('Ends with 0 where it is done already, else with 1: run before the command and after it'),
  in: z.enum(['one', 'each']).describe('The first pod that is ready, such as for a migration; or every pod'),
})

type Config = z.infer<typeof config>

export const kubernetesExec = defineAction({
  kind: 'kubernetes-exec',
  summary: 'A command is run in containers of a Kubernetes cluster, once, as another command there tells',
  config,
  timeoutMs: 1_800_000,
  example:
    '```yaml run\nkind: kubernetes-exec\nserver: https://cluster.example.com:6443\ntoken: API_TOKEN\nnamespace: shop\npods: deploy/api\nin: one\ncommand: [bin/migrate, up]\ndone: bin/migrate status | grep -q "nothing to do"\nirreversible: the migration only adds\n```',
  captures: ['output'],
  takes: clusterSettings.takes,
  secrets: (given) => clusterSettings.secrets(given),
  programs: [],
  addresses: inCluster,
  run: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      const places = await execPlaces(cluster, given, given.in)
      const ran: string[] = []
      for (const at of places) {
        if (await isDone(cluster, at, given, powers)) continue
        await runIn(cluster, at, given, powers)
        if (!(await isDone(cluster, at, given, powers)))
          throw new ActionFault(
            `${execName(given.command)} ended with 0 in ${at.pod}, and ${execName(given.done)} says that it is not done`,
          )
        ran.push(at.pod)
      }
      const name = execName(given.command)
      if (ran.length === 0) return `done already in ${places.map(({ pod }) => pod).join(', ')}: ${name}`
      return `ran in ${ran.join(', ')}: ${name}`
    }),
  probe: (given, powers) =>
    withCluster(given, powers, async (cluster) => {
      for (const at of await execPlaces(cluster, given, given.in))
        if (!(await isDone(cluster, at, given, powers))) return false
      return true
    }),
})

/** Only 0 and 1 are an answer: any other end means that the question itself broke. */
async function isDone(cluster: Cluster, at: ExecPlace, given: Config, powers: ActionPowers): Promise<boolean> {
  const { exit, stderr } = await execIn(cluster, at, given, given.done, powers)
  if (exit === 0 || exit === 1) return exit === 0
  throw new ActionFault(
    `whether it is done in ${at.pod} cannot be told: ${said(`exit ${exit} of ${execName(given.done)}`, stderr)}`,
  )
}

async function runIn(cluster: Cluster, at: ExecPlace, given: Config, powers: ActionPowers): Promise<void> {
  powers.say(`${at.pod}: ${execName(given.command)}`)
  const { exit, stdout, stderr } = await execIn(cluster, at, given, given.command, powers)
  for (const line of textOf(stdout, stderr)
    .split('\n')
    .filter((one) => one.trim() !== ''))
    powers.say(line)
  if (exit !== 0) {
    const why = stderr.length > 0 ? stderr : stdout
    throw new ActionFault(said(`exit ${exit} of ${execName(given.command)} in ${at.pod}, expected 0`, why))
  }
  const last = textOf(stdout).trim().split('\n').at(-1) ?? ''
  powers.capture('output', last.slice(0, 1_000))
}

function said(words: string, bytes: Uint8Array): string {
  const line = tellingLine(textOf(bytes))
  return line === '' ? words : `${words}: ${line}`
}

function textOf(...bytes: readonly Uint8Array[]): string {
  return bytes.map((one) => new TextDecoder().decode(one)).join('')
}

async function execIn(
  { namespace }: Cluster,
  at: ExecPlace,
  given: Config,
  command: ExecCommand,
  powers: ActionPowers,
): Promise<ExecEnd> {
  const address = execAddress(given.server, namespace, at, command, given.env)
  const heard = await powers.channel(address, execHandshake(given, powers.secret))
  if ('refused' in heard) throw execRefusal(heard.refused, heard.body)
  const end = execEnd(heard)
  if (end.fault !== null) throw new ActionFault(`${at.pod}: ${end.fault}`)
  return end
}
