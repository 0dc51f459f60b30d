/** What a cluster of Kubernetes and its manifests can be asked in words: pods, resources, probes, updates. */
import type { Around, ImportItem } from '../item.ts'
import { check, input } from '../kinds/block.ts'
import { namesOf } from '../kinds/document-names.ts'
import { byStatement } from '../kinds/statement.ts'

/** Files that the commands of the item around apply; else they are asked for. */
function manifestsFor({ parent }: Around): string {
  const folder = parent?.fences
    .map(
      ({ body }) =>
        /\bkubectl\s+apply\b[^\n]{0,200}\s(?:-f|--filename)[= ]([\w.-]+(?:\/[\w.-]+)*\/?)(?=\s|$)/.exec(body)?.[1],
    )
    .find((found) => found !== undefined && !found.includes('..'))
  if (folder === undefined) return input('manifests')
  return /\.(?:ya?ml|json)$/.test(folder) ? folder : `${folder.replace(/\/$/, '')}/*.yaml`
}

function keeps(rule: string) {
  return (_said: RegExpExecArray, _item: ImportItem, around: Around): string =>
    check('manifests', [
      ['path', manifestsFor(around)],
      ['rules', [rule]],
    ])
}

export const clusterState = byStatement('cluster-state', [
  {
    text: /^all pods (?:are )?(?:running|healthy|ready|up)\b/i,
    unless: /`/,
    kind: 'kubernetes',
    why: '`kubernetes` says whether every pod of the namespace is ready.',
    propose: (_said, _item, { outline }) =>
      check('kubernetes', [
        ['namespace', namesOf(outline).namespace],
        ['pods', 'all'],
      ]),
  },
  {
    text: /^(?:all )?(?:deployments|containers|pods|workloads|manifests) (?:have|define|set) resource (?:requests|limits)\b/i,
    kind: 'kubernetes',
    why: '`manifests` says which container has none.',
    propose: keeps('resources'),
  },
  {
    text: /^health checks? (?:are )?(?:configured|defined|set)\b.{0,20}\b(?:liveness|readiness)\b|^(?:liveness and readiness|readiness and liveness) probes? (?:are )?(?:configured|defined|set)\b/i,
    kind: 'kubernetes',
    why: '`manifests` says which container has no probe.',
    propose: keeps('probes'),
  },
  {
    text: /^rolling updates?(?: strategy)? (?:is )?(?:set|configured|defined)\b/i,
    kind: 'kubernetes',
    why: '`manifests` says which workload has none.',
    propose: keeps('strategy'),
  },
  {
    text: /\bpod security standards?\b.{0,10}\brestricted\b/i,
    kind: 'kubernetes',
    why: '`manifests` says which pod keeps less than that.',
    propose: keeps('restricted'),
  },
])
