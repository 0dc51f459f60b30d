/** `yaml check kind: kubernetes-exec`: a command that only reads, run in containers of a Kubernetes cluster; exit 0 in each passes. */
import { z } from 'zod'
import { type Cluster, clusterOf } from '../core/kubernetes/cluster.ts'
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
import { KubernetesFault } from '../core/kubernetes/api.ts'
import { kubernetesFields, kubernetesSecrets, kubernetesSource } from '../core/kubernetes/fields.ts'
import { type CheckPowers, type CheckResult, defineCheck, type EvidenceBytes } from '../core/ports/check.ts'
import type { Json } from '../core/units.ts'
import { bytesEvidence } from './parts/evidence.ts'
import { ConfigFault, fill, patternsField } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { parseJson, printedText, readPatterns, withTellingLine } from './parts/printed.ts'
import { oneLine, wordsOf } from './parts/say.ts'
import { openSocket } from './websocket-talk/connection.ts'

const config = z.strictObject({
  ...kubernetesFields,
  ...execFields,
  command: execCommand.describe('Words of a program such as `[nginx, -t]`, or a script for `sh` of the container'),
  in: z.enum(['each', 'one']).default('each').describe('Every pod, or the first that is ready'),
  exit: z.number().int().min(0).max(255).default(0).describe('How it has to end'),
  match: patternsField.nullable().default(null).describe('The output must contain a match; of several, one of each'),
  forbid: patternsField.nullable().default(null).describe('The output must not contain a match'),
  json: z.boolean().default(false).describe('Standard output is JSON, which `expect` sees as `json`'),
})

type Config = Omit<z.infer<typeof config>, 'command'> & { readonly command: ExecCommand }

/** Messages of one command; a line is often one. */
const mostMessages = 20_000

export const kubernetesExec = defineCheck({
  kind: 'kubernetes-exec',
  summary: 'A command that only reads, run in containers of a Kubernetes cluster',
  config,
  needs: ['http', 'place', 'secret'],
  addresses: ['https://kubernetes.default.svc'],
  takes: kubernetesSource,
  secrets: kubernetesSecrets,
  timeoutMs: 600_000,
  example:
    '```yaml check\nkind: kubernetes-exec\nserver: https://cluster.example.com:6443\ntoken: API_TOKEN\nnamespace: shop\npods: deploy/api\ncommand: [cat, /app/VERSION]\nmatch: ^[0-9.]+$\n```',
  facts: { pods: 'int', exit: 'int', stdout: 'string', stderr: 'string', json: 'dyn' },
  async run(given, powers) {
    const cluster = clusterFor(given, powers)
    const asked = { ...given, command: filledCommand(given.command, powers), env: filledEnv(given.env, powers) }
    const places = await execPlaces(cluster, namesIn(given, powers), given.in)
    const results: CheckResult[] = []
    for (const [index, place] of places.entries()) {
      powers.progress(`${place.pod}, ${index + 1} of ${places.length}`)
      results.push(await judgedIn(place, asked, places.length, powers))
    }
    return together(results, places, asked)
  },
  async probe(given, powers) {
    try {
      const places = await execPlaces(clusterFor(given, powers), namesIn(given, powers), given.in)
      return { ok: true, say: `it would run in ${places.map(({ pod }) => pod).join(', ')}` }
    } catch (fault) {
      return { ok: false, say: wordsOf(fault) }
    }
  },
})

function clusterFor(given: Config, powers: CheckPowers): Cluster {
  const { variables } = powers
  const place = { ...given, server: fill(given.server, variables), namespace: fill(given.namespace, variables) }
  return clusterOf(place, {
    ask: (url, init) => powers.http(url, { ...init, signal: powers.signal, redirect: 'manual' }),
    sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    secret: powers.secret,
  })
}

function namesIn({ pods, container }: Config, { variables }: CheckPowers): { pods: string; container?: string } {
  const named = container === undefined ? {} : { container: fill(container, variables) }
  return { pods: fill(pods, variables), ...named }
}

function filledCommand(command: ExecCommand, { variables }: CheckPowers): ExecCommand {
  return typeof command === 'string' ? command : command.map((word) => fill(word, variables))
}

function filledEnv(env: Config['env'], { variables }: CheckPowers): Config['env'] {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value, variables)]))
}

/** Throws KubernetesFault where nobody knows how it ended. */
async function execIn(at: ExecPlace, given: Config, powers: CheckPowers): Promise<ExecEnd> {
  const { variables } = powers
  const address = execAddress(
    fill(given.server, variables),
    fill(given.namespace, variables),
    at,
    given.command,
    given.env,
  )
  const url = new URL(address)
  const port = url.port || (url.protocol === 'wss:' ? 443 : 80)
  const place = await powers.place(`${url.protocol}//${url.hostname}:${port}`)
  const opened = await openSocket(
    place,
    {
      url: address,
      ...execHandshake(given, powers.secret),
      mostMessages,
    },
    powers,
  )
  if ('why' in opened)
    throw opened.status === null
      ? new ConfigFault(`${url.host}: ${opened.why}`)
      : execRefusal(opened.status, opened.body)
  try {
    while (opened.closed() === null && !powers.signal.aborted) await opened.change(60_000)
    powers.signal.throwIfAborted()
    return execEnd({
      protocol: opened.protocol,
      messages: opened.messages.map(({ bytes }) => bytes),
      why: opened.closed()?.why ?? '',
    })
  } finally {
    await opened.leave()
  }
}

async function judgedIn(at: ExecPlace, given: Config, count: number, powers: CheckPowers): Promise<CheckResult> {
  const where = `${at.pod}${count === 1 ? '' : ` (one of ${count})`}`
  try {
    return judge(await execIn(at, given, powers), at, where, given, powers)
  } catch (fault) {
    if (!(fault instanceof KubernetesFault)) throw fault
    return { outcome: 'errored', say: oneLine(`${where}: ${fault.message}`), evidence: [] }
  }
}

function judge(end: ExecEnd, { pod }: ExecPlace, where: string, given: Config, powers: CheckPowers): CheckResult {
  const output = { stdout: printedText(end.stdout), stderr: printedText(end.stderr) }
  const evidence: readonly EvidenceBytes[] = [
    ...bytesEvidence(`${pod}.stdout.txt`, end.stdout),
    ...bytesEvidence(`${pod}.stderr.txt`, end.stderr),
  ]
  const read = given.json ? parseJson(output.stdout) : null
  const facts: Record<string, Json> = { exit: end.exit, ...output, ...(read && { json: read.ok ? read.value : null }) }
  const answer = (outcome: CheckResult['outcome'], say: string): CheckResult => ({
    outcome,
    say: oneLine(`${where}: ${say}`),
    evidence,
    facts,
  })
  if (end.fault !== null) return answer('errored', end.fault)
  if (end.exit !== given.exit)
    return answer('failed', withTellingLine(`exit ${end.exit}, expected ${given.exit}`, output.stderr || output.stdout))
  if (read && !read.ok) return answer('errored', `its output is not JSON: ${read.why}`)
  const wrong = readPatterns(given, output, false)
  if (wrong !== null) return answer(wrong.outcome, wrong.say)
  return judged(powers, facts, { say: oneLine(`${where}: exit ${end.exit}`), evidence })
}

const worst = ['failed', 'errored', 'inconclusive', 'passed'] as const

/** The worst is told, with the evidence of all; facts are of the one that is told. */
function together(results: readonly CheckResult[], places: readonly ExecPlace[], given: Config): CheckResult {
  const outcome = worst.find((one) => results.some((result) => result.outcome === one)) ?? 'errored'
  const told = results.filter((result) => result.outcome === outcome)
  const evidence = results.flatMap((result) => result.evidence)
  const facts = { pods: places.length, ...told[0]?.facts }
  if (outcome !== 'passed') {
    const more = told.length > 1 ? `; and ${told.length - 1} more of ${places.length} pods` : ''
    return { outcome, say: oneLine(`${told[0]?.say ?? 'nothing ran'}${more}`), evidence, facts }
  }
  const where = places.length === 1 ? places[0]?.pod : `each of ${places.length} pods of ${given.pods}`
  return { outcome, say: oneLine(`exit ${given.exit} of ${execName(given.command)} in ${where}`), evidence, facts }
}
