/** `yaml check kind: manifests`: manifests of Kubernetes keep the rules: resources, probes, rolling updates, fixed images, security. */
import { z } from 'zod'
import { calledAs, type Manifest, podsOf } from '../core/kubernetes/manifest.ts'
import { defineCheck } from '../core/ports/check.ts'
import { type RuleName, ruleNames, rules } from './manifest-rules/rules.ts'
import { textEvidence } from './parts/evidence.ts'
import { counted, listed } from './parts/finding.ts'
import { judged } from './parts/judged.ts'
import { manifestsIn } from './parts/manifests-in.ts'
import { oneLine } from './parts/say.ts'

const text = z.string().min(1)
const ruleName = z.enum(ruleNames)

export const manifests = defineCheck({
  kind: 'manifests',
  summary: 'Manifests of Kubernetes keep the rules: resources, probes, rolling updates, fixed images, security',
  config: z.strictObject({
    path: z.union([text, z.array(text).min(1)]).describe("Files, or files with *, relative to the checklist's folder"),
    rules: z
      .array(ruleName)
      .min(1)
      .default(['valid', 'resources', 'probes', 'strategy', 'images', 'restricted'])
      .describe(
        '`valid` names and selectors · `resources` requests, and limits of memory · `cpu-limits` · `probes` liveness and readiness · `strategy` RollingUpdate is said · `images` a tag other than latest, or a digest · `baseline`, `restricted` pod security standards',
      ),
    except: z
      .record(text, z.union([z.literal('all'), z.array(ruleName).min(1)]))
      .default({})
      .describe('What need not keep which rules: `DaemonSet/logs: [restricted]`'),
    'at-least': z.number().int().min(0).default(1).describe('Fewest objects that make pods'),
  }),
  needs: ['files'],
  timeoutMs: 60_000,
  example:
    '```yaml check\nkind: manifests\npath: k8s/**/*.yaml\nrules: [valid, resources, probes, strategy, images, restricted]\nexcept: { DaemonSet/logs: [restricted] }\n```',
  facts: { objects: 'int', workloads: 'int', problems: 'list' },
  async run(given, powers) {
    const found = await manifestsIn([given.path].flat(), powers)
    const workloads = found.filter(({ object }) => podsOf(object) !== null)
    const unused = Object.keys(given.except).filter((name) => !found.some((one) => calledAs(one) === name))
    const problems = [...found.flatMap((one) => problemsOf(one, given)), ...twice(found)]
    const facts = { objects: found.length, workloads: workloads.length, problems: problems.slice(0, 100) }
    const lines = [...found.map((one) => `${one.file}:${one.line} ${calledAs(one)}`), ...problems]
    const evidence = textEvidence('manifests.txt', lines.length === 0 ? '' : `${lines.join('\n')}\n`)
    const answer = (outcome: 'failed' | 'inconclusive', say: string) => ({
      outcome,
      say: oneLine(say),
      evidence,
      facts,
    })
    if (problems.length > 0)
      return answer(
        'failed',
        `${counted(problems.length, 'problem')} in ${counted(found.length, 'object')}: ${listed(problems)}`,
      )
    if (unused.length > 0) return answer('failed', `except names what is not there: ${listed(unused)}`)
    if (workloads.length < given['at-least'])
      return answer(
        'inconclusive',
        `${counted(workloads.length, 'object')} that make pods, at least ${given['at-least']} expected`,
      )
    const kept = given.rules.join(', ')
    const say = oneLine(`${counted(workloads.length, 'workload')} of ${counted(found.length, 'object')} keep ${kept}`)
    return judged(powers, facts, { say, evidence })
  },
})

function problemsOf(
  manifest: Manifest,
  {
    rules: asked,
    except,
  }: { readonly rules: readonly RuleName[]; readonly except: Readonly<Record<string, 'all' | RuleName[]>> },
): readonly string[] {
  const name = calledAs(manifest)
  const excused = Object.hasOwn(except, name) ? (except[name] ?? []) : []
  return asked
    .filter((rule) => excused !== 'all' && !excused.includes(rule))
    .flatMap((rule) =>
      rules[rule](manifest.object).map((problem) => `${manifest.file}:${manifest.line} ${name} ${problem}`),
    )
}

/** The second would overwrite the first. */
function twice(found: readonly Manifest[]): readonly string[] {
  const seen = new Map<string, Manifest>()
  return found.flatMap((one) => {
    const metadata = one.object['metadata'] as { namespace?: unknown }
    const key = JSON.stringify([one.object['apiVersion'], calledAs(one), metadata.namespace])
    const before = seen.get(key)
    seen.set(key, one)
    return before === undefined
      ? []
      : [`${one.file}:${one.line} ${calledAs(one)} stands in ${before.file}:${before.line} already`]
  })
}
