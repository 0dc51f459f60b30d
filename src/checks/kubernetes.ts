/** `yaml check kind: kubernetes`: what a cluster says: versions are out, pods ready, resources in a state or gone, nothing warns. */
import { KubernetesFault } from '../core/kubernetes/api.ts'
import { type Cluster, clusterOf } from '../core/kubernetes/cluster.ts'
import { textAt } from '../core/kubernetes/fields-of.ts'
import { kubernetesSecrets, kubernetesSource } from '../core/kubernetes/fields.ts'
import { type CheckPowers, type CheckResult, defineCheck } from '../core/ports/check.ts'
import { OutboundFault } from '../core/ports/outbound.ts'
import type { Json } from '../core/units.ts'
import { accepted } from './cluster-state/accepted.ts'
import { type Look, questionsOf } from './cluster-state/look.ts'
import { type Asked, askedOf, config, type Config, placeOf, slipOf } from './cluster-state/settings.ts'
import { textEvidence } from './parts/evidence.ts'
import { millisOf } from './parts/fields.ts'
import { judged } from './parts/judged.ts'
import { manifestsIn } from './parts/manifests-in.ts'
import { oneLine, sayMillis, wordsOf } from './parts/say.ts'

export const kubernetes = defineCheck({
  kind: 'kubernetes',
  summary: 'What a Kubernetes cluster says: versions are out, pods ready, resources in a state or gone, nothing warns',
  config: config.superRefine((given, context) => {
    const slip = slipOf(given)
    if (slip !== null) context.addIssue({ code: 'custom', message: slip })
  }),
  needs: ['http', 'secret', 'files'],
  addresses: ['https://kubernetes.default.svc'],
  takes: kubernetesSource,
  secrets: kubernetesSecrets,
  timeoutMs: 600_000,
  example:
    '```yaml check\nkind: kubernetes\nrollout: [deployment/api, statefulset/queue]\npods: app=api\nimage: registry.example.com/shop/api:{{ version }}\nwithin: 5m\n```',
  facts: {
    pods: 'int',
    pods_ready: 'int',
    restarts: 'int',
    count: 'int',
    value: 'dyn',
    warnings: 'int',
    manifests: 'int',
    waited_seconds: 'double',
  },
  async run(given, powers) {
    const startedAt = powers.clock.now()
    const asked = askedOf(given, powers.variables)
    const cluster = clusterFor(given, powers)
    const deadline = startedAt + (given.within === undefined ? 0 : millisOf(given.within))
    for (;;) {
      const looks = await lookOrWait(cluster, given, asked, deadline, powers)
      const problem = looks.find(({ state }) => state === 'failed') ?? looks.find(({ state }) => state === 'waiting')
      const now = powers.clock.now()
      if (problem === undefined || problem.state === 'failed' || now >= deadline)
        return judge(given, looks, now - startedAt, powers)
      powers.progress(oneLine(problem.say))
      await powers.clock.sleep(Math.min(Math.max(millisOf(given.every), 100), deadline - now), powers.signal)
      powers.signal.throwIfAborted()
    }
  },
  async probe(given, powers) {
    try {
      const { api } = clusterFor(given, powers)
      const found = await api.get('/version')
      return {
        ok: found !== null,
        say: `${given.server} is a cluster of Kubernetes ${textAt(found ?? {}, 'gitVersion')}`,
      }
    } catch (fault) {
      return { ok: false, say: wordsOf(fault) }
    }
  },
})

function clusterFor(given: Config, powers: CheckPowers): Cluster {
  return clusterOf(placeOf(given, powers.variables), {
    ask: (url, init) => powers.http(url, { ...init, signal: powers.signal, redirect: 'manual' }),
    sleep: (ms) => powers.clock.sleep(ms, powers.signal),
    secret: powers.secret,
  })
}

/** While there is time, an outage of the cluster is one more reason to wait. */
async function lookOrWait(
  cluster: Cluster,
  given: Config,
  asked: Asked,
  deadline: number,
  powers: CheckPowers,
): Promise<readonly Look[]> {
  for (;;) {
    try {
      return await look(cluster, given, asked, powers)
    } catch (fault) {
      const left = deadline - powers.clock.now()
      if (left <= 0 || powers.signal.aborted || !isOutage(fault)) throw fault
      powers.progress(wordsOf(fault))
      await powers.clock.sleep(Math.min(Math.max(millisOf(given.every), 100), left), powers.signal)
    }
  }
}

function isOutage(fault: unknown): boolean {
  if (fault instanceof KubernetesFault) return fault.status >= 500
  return fault instanceof OutboundFault && fault.retryable
}

async function look(cluster: Cluster, given: Config, asked: Asked, powers: CheckPowers): Promise<readonly Look[]> {
  const looks: Look[] = []
  if (given.accepts !== undefined)
    looks.push(await accepted(cluster, await manifestsIn([given.accepts].flat(), powers)))
  for (const question of questionsOf(asked)) looks.push(await question(cluster, asked, powers.clock.now()))
  return looks
}

function judge(given: Config, looks: readonly Look[], waitedMs: number, powers: CheckPowers): CheckResult {
  const facts: Record<string, Json> = { waited_seconds: waitedMs / 1_000 }
  for (const one of looks) Object.assign(facts, one.facts)
  const evidence = textEvidence('kubernetes.txt', `${looks.flatMap(({ say, lines }) => [say, ...lines]).join('\n')}\n`)
  const bad = looks.filter(({ state }) => state !== 'done')
  if (bad.length > 0) {
    const late = given.within !== undefined && bad.every(({ state }) => state === 'waiting')
    const after = late ? `, after ${sayMillis(waitedMs)} of ${given.within}` : ''
    return { outcome: 'failed', say: oneLine(bad.map(({ say }) => say).join('; ') + after), evidence, facts }
  }
  const took = given.within === undefined ? '' : `, after ${sayMillis(waitedMs)} of ${given.within}`
  return judged(powers, facts, { say: oneLine(looks.map(({ say }) => say).join('; ') + took), evidence })
}
