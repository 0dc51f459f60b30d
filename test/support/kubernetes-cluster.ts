/** The objects of a cluster: versions, generations, dry runs, owners of fields, and what is refused when they change. */
import { type KindRow, kindRows } from './kubernetes-kinds.ts'
import { reconcile, type Shelf } from './kubernetes-controllers.ts'
import {
  applied,
  isRow,
  jsonPatched,
  merge,
  ownable,
  type Owners,
  Refusal,
  type Row,
  strategic,
} from './kubernetes-patches.ts'

export interface At {
  readonly kind: KindRow
  /** Empty for kinds without, and for lists of all namespaces. */
  readonly namespace: string
  readonly name: string
  /** `status`, `scale`, or nothing. */
  readonly sub: string
}

interface Kept {
  readonly kind: KindRow
  object: Row
  readonly owners: Owners
}

export interface Cluster {
  /** Of operators that are installed. */
  readonly kinds: KindRow[]
  /** Puts an object there as if it had always been: as YAML would say it, with its status. */
  put(object: Row): void
  /** As it is now; null = it is not there. */
  peek(kind: string, name: string, namespace?: string): Row | null
  /** What somebody outside changes, who owns the fields from then on. */
  edit(kind: string, name: string, change: (object: Row) => void, manager?: string): void
  remove(at: At | { readonly kind: string; readonly name: string }): Row
  /** All, without what changes by itself. */
  state(): unknown
  read(at: At): Row
  list(at: At, query: URLSearchParams): Row
  create(at: At, body: Row, query: URLSearchParams): Row
  patch(at: At, type: string, body: unknown, query: URLSearchParams): Row
}

interface Meta extends Row {
  name: string
  namespace?: string
}
const metaOf = (object: Row): Meta => (object['metadata'] ?? {}) as Meta

export function emptyCluster(): Cluster {
  const kinds: KindRow[] = []
  const kept = new Map<string, Kept>()
  let version = 1000
  const keyOf = (kind: string, namespace: string, name: string): string => `${kind}/${namespace}/${name}`
  const kindOf = (kind: string): KindRow => {
    const found = kindRows(kinds).find((one) => one.kind === kind)
    if (found === undefined) throw new Error(`the stand-in has no kind ${kind}`)
    return found
  }
  const store = (kind: KindRow, object: Row, before: Kept | undefined, owners: Owners): Row => {
    version += 1
    const meta = metaOf(object)
    const isSame = before !== undefined && JSON.stringify(before.object['spec']) === JSON.stringify(object['spec'])
    const generation = Number(metaOf(before?.object ?? {})['generation'] ?? 0) + (isSame ? 0 : 1)
    const stored = {
      ...object,
      apiVersion: kind.apiVersion,
      kind: kind.kind,
      metadata: {
        ...meta,
        uid: meta['uid'] ?? `uid-${version}`,
        creationTimestamp: meta['creationTimestamp'] ?? new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
        resourceVersion: String(version),
        generation: meta['generation'] !== undefined && before === undefined ? meta['generation'] : generation,
      },
    }
    kept.set(keyOf(kind.kind, meta.namespace ?? '', meta.name), { kind, object: stored, owners })
    return stored
  }
  const shelf: Shelf = {
    all: (kind) => [...kept.values()].filter((one) => one.kind.kind === kind).map(({ object }) => object),
    put: (kind, _version, object) => {
      const { name, namespace = '' } = metaOf(object)
      const before = kept.get(keyOf(kind, namespace, name))
      const made = metaOf(before?.object ?? {})['creationTimestamp']
      const timed =
        made === undefined ? object : { ...object, metadata: { ...metaOf(object), creationTimestamp: made } }
      store(kindOf(kind), timed, before, before?.owners ?? new Map<string, string>())
    },
    remove: (kind, object) => void kept.delete(keyOf(kind, metaOf(object).namespace ?? '', metaOf(object).name)),
  }
  const find = (at: At): Kept => {
    const found = kept.get(keyOf(at.kind.kind, at.namespace, at.name))
    if (found !== undefined) return found
    throw new Refusal(404, 'NotFound', `${at.kind.plural}.${at.kind.apiVersion.split('/')[0]} "${at.name}" not found`, {
      name: at.name,
      kind: at.kind.plural,
    })
  }
  const needNamespace = (namespace: string): void => {
    if (namespace === '' || kept.has(keyOf('Namespace', '', namespace))) return
    throw new Refusal(404, 'NotFound', `namespaces "${namespace}" not found`, { name: namespace, kind: 'namespaces' })
  }
  const finish = (at: At, object: Row, before: Kept | undefined, owners: Owners, query: URLSearchParams): Row => {
    validate(at.kind, object, before?.object ?? null, query.get('fieldValidation') === 'Strict')
    if (query.get('dryRun') === 'All') return { ...object, apiVersion: at.kind.apiVersion, kind: at.kind.kind }
    return shown(store(at.kind, object, before, owners), owners)
  }

  return {
    kinds,
    put: (object) => {
      const kind = kindOf(String(object['kind']))
      const owners: Owners = new Map([...ownable(object).keys()].map((path) => [path, 'kubectl-create']))
      store(kind, structuredClone(object), undefined, owners)
    },
    peek: (kind, name, namespace = 'shop') =>
      structuredClone((kept.get(keyOf(kind, namespace, name)) ?? kept.get(keyOf(kind, '', name)))?.object ?? null),
    edit: (kind, name, change, manager = 'kubectl-edit') => {
      const before = kept.get(keyOf(kind, 'shop', name))
      if (before === undefined) throw new Error(`there is no ${kind} ${name}`)
      const object = structuredClone(before.object)
      change(object)
      own(before.owners, before.object, object, manager)
      store(before.kind, object, before, before.owners)
    },
    remove: (at) => {
      const key =
        typeof at.kind === 'string'
          ? keyOf(at.kind, 'shop', at.name)
          : keyOf(at.kind.kind, (at as At).namespace, at.name)
      const found = kept.get(key)
      kept.delete(key)
      return found?.object ?? {}
    },
    state: () =>
      [...kept]
        .filter(([, { kind }]) => !['Pod', 'ReplicaSet'].includes(kind.kind))
        .map(([key, { object }]) => {
          const { annotations = {}, labels } = metaOf(object)
          const { 'deployment.kubernetes.io/revision': _revision, ...said } = annotations as Row
          return [key, object['spec'], object['data'], said, labels]
        }),
    read: (at) => {
      const { object, owners } = find(at)
      const answer = at.sub === 'scale' ? scaleOf(object) : shown(object, owners)
      // Controllers go on whenever somebody looks, and not before: what was ordered is not there yet.
      reconcile(shelf)
      return answer
    },
    list: (at, query) => {
      reconcile(shelf)
      return listed(
        at,
        [...kept.values()].filter((one) => one.kind === at.kind),
        query,
        version,
      )
    },
    create: (at, body, query) => {
      needNamespace(at.namespace)
      const object: Row = {
        ...body,
        metadata: { ...metaOf(body), ...(at.kind.isNamespaced && { namespace: at.namespace }) },
      }
      const key = keyOf(at.kind.kind, at.namespace, metaOf(object).name)
      if (kept.has(key))
        throw new Refusal(409, 'AlreadyExists', `${at.kind.plural} "${metaOf(object).name}" already exists`)
      return finish(at, object, undefined, new Map(), query)
    },
    patch: (at, type, body, query) => {
      const manager = query.get('fieldManager') ?? ''
      if (type === 'application/apply-patch+yaml') {
        if (manager === '')
          throw new Refusal(
            422,
            'Invalid',
            'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
          )
        needNamespace(at.namespace)
        const before = kept.get(keyOf(at.kind.kind, at.namespace, at.name))
        const owners: Owners = new Map(before?.owners)
        const wanted = named(at, body as Row)
        const object = applied(before?.object ?? null, wanted, manager, query.get('force') === 'true', owners)
        return finish(at, object, before, owners, query)
      }
      const before = find(at)
      const live = before.object
      const object = patched(at, live, type, body)
      const said = metaOf(object)['resourceVersion']
      if (said !== metaOf(live)['resourceVersion'])
        throw new Refusal(
          409,
          'Conflict',
          `Operation cannot be fulfilled on ${at.kind.plural} "${at.name}": the object has been modified; please apply your changes to the latest version and try again`,
        )
      const owners: Owners = new Map(before.owners)
      own(owners, live, object, manager === '' ? 'unknown' : manager)
      const result = finish(at, object, before, owners, query)
      return at.sub === 'scale' ? scaleOf(result) : result
    },
  }
}

function named(at: At, body: Row): Row {
  const meta = metaOf(body)
  if (meta.name !== at.name)
    throw new Refusal(
      400,
      'BadRequest',
      `the name of the object (${meta.name}) does not match the name on the URL (${at.name})`,
    )
  if (body['apiVersion'] !== at.kind.apiVersion || body['kind'] !== at.kind.kind)
    throw new Refusal(400, 'BadRequest', 'the API version or kind in the data does not match the expected one')
  if (meta.namespace !== undefined && meta.namespace !== at.namespace && at.kind.isNamespaced)
    throw new Refusal(
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  return { ...body, metadata: { ...meta, ...(at.kind.isNamespaced && { namespace: at.namespace }) } }
}

function patched(at: At, live: Row, type: string, body: unknown): Row {
  const target = at.sub === 'scale' ? scaleOf(live) : live
  const forms: Readonly<Record<string, () => unknown>> = {
    'application/merge-patch+json': () => merge(target, body),
    'application/strategic-merge-patch+json': () => strategic(target, body),
    'application/json-patch+json': () => jsonPatched(target, body),
  }
  const form = forms[type]
  const isCustom = at.kind.apiVersion.includes('.')
  if (form === undefined || (isCustom && type.includes('strategic')))
    throw new Refusal(
      415,
      'UnsupportedMediaType',
      `the body of the request was in an unknown format - accepted media types include: ${Object.keys(forms).join(', ')}`,
    )
  const changed = form() as Row
  if (at.sub === 'scale')
    return { ...live, spec: { ...(live['spec'] as Row), replicas: (changed['spec'] as Row)['replicas'] } }
  return at.sub === 'status' ? { ...live, status: changed['status'] } : { ...changed, status: live['status'] }
}

function own(owners: Owners, before: Row, after: Row, manager: string): void {
  const known = ownable(before)
  for (const [path, value] of ownable(after))
    if (JSON.stringify(known.get(path)) !== JSON.stringify(value)) owners.set(path, manager)
}

function scaleOf(object: Row): Row {
  const { name, namespace, resourceVersion } = metaOf(object)
  const spec = { replicas: (object['spec'] as Row)['replicas'] }
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, resourceVersion },
    spec,
    status: {},
  }
}

function shown(object: Row, owners: Owners): Row {
  const managedFields = [...new Set(owners.values())].map((manager) => ({ manager, operation: 'Update' }))
  return structuredClone({ ...object, metadata: { ...metaOf(object), managedFields } })
}

/** What a Deployment may say, for the strict reading of fields. */
const workloadFields = [
  'replicas',
  'selector',
  'template',
  'strategy',
  'minReadySeconds',
  'paused',
  'progressDeadlineSeconds',
  'revisionHistoryLimit',
  'serviceName',
  'updateStrategy',
  'volumeClaimTemplates',
  'podManagementPolicy',
]

function validate(kind: KindRow, object: Row, before: Row | null, isStrict: boolean): void {
  const { name } = metaOf(object)
  const what = `${kind.kind}.${kind.apiVersion.split('/')[0]} "${name}" is invalid`
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name))
    throw new Refusal(422, 'Invalid', `${what}: metadata.name: Invalid value: "${name}"`)
  if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(kind.kind)) return
  const spec = object['spec'] as Row
  const odd = Object.keys(spec).find((field) => !workloadFields.includes(field))
  if (isStrict && odd !== undefined)
    throw new Refusal(
      400,
      'BadRequest',
      `${kind.kind} in version "${kind.apiVersion.split('/')[1]}" cannot be handled as a ${kind.kind}: strict decoding error: unknown field "spec.${odd}"`,
    )
  const { selector, template } = spec as {
    selector?: { matchLabels?: Row }
    template?: { metadata?: { labels?: Row }; spec?: { containers?: Row[] } }
  }
  if (selector?.matchLabels === undefined) throw new Refusal(422, 'Invalid', `${what}: spec.selector: Required value`)
  const labels = template?.metadata?.labels ?? {}
  if (Object.entries(selector.matchLabels).some(([label, value]) => labels[label] !== value))
    throw new Refusal(
      422,
      'Invalid',
      `${what}: spec.template.metadata.labels: Invalid value: ${JSON.stringify(labels)}: \`selector\` does not match template \`labels\``,
    )
  for (const [index, one] of (template?.spec?.containers ?? []).entries())
    if (typeof one['image'] !== 'string' || one['image'] === '')
      throw new Refusal(422, 'Invalid', `${what}: spec.template.spec.containers[${index}].image: Required value`)
  const was = (before?.['spec'] as Row | undefined)?.['selector']
  if (was !== undefined && JSON.stringify(was) !== JSON.stringify(selector))
    throw new Refusal(422, 'Invalid', `${what}: spec.selector: Invalid value: field is immutable`)
}

function listed(at: At, all: readonly Kept[], query: URLSearchParams, version: number): Row {
  const isWanted = selectorOf(query.get('labelSelector') ?? '')
  const rows = all
    .filter(({ object }) => at.namespace === '' || metaOf(object).namespace === at.namespace)
    .filter(({ object }) => isWanted((metaOf(object)['labels'] ?? {}) as Row))
  const limit = Number(query.get('limit') ?? 500)
  const start = Number(query.get('continue') ?? 0)
  const more = start + limit < rows.length
  const items = rows.slice(start, start + limit).map(({ object, owners }) => {
    const { apiVersion: _version, kind: _kind, ...rest } = shown(object, owners)
    return rest
  })
  return {
    kind: `${at.kind.kind}List`,
    apiVersion: at.kind.apiVersion,
    metadata: { resourceVersion: String(version), ...(more && { continue: String(start + limit) }) },
    items: items.length === 0 ? null : items,
  }
}

/** `app=api,tier!=web,version in (1, 2),canary`. */
function selectorOf(text: string): (labels: Row) => boolean {
  const terms = text
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '')
  const tests = terms.map((term) => {
    const [, name = '', how = '', value = ''] = /^([\w./-]+)\s*(=|==|!=|in|notin)?\s*(.*)$/.exec(term) ?? []
    if (name === '') throw new Refusal(400, 'BadRequest', `unable to parse requirement: ${term}`)
    const values = value
      .replace(/^\(|\)$/g, '')
      .split(',')
      .map((one) => one.trim())
    if (how === '') return (labels: Row) => labels[name] !== undefined
    if (how === '!=' || how === 'notin') return (labels: Row) => !values.includes(String(labels[name]))
    return (labels: Row) => values.includes(String(labels[name]))
  })
  return (labels) => isRow(labels) && tests.every((test) => test(labels))
}
