/**
 * How a change becomes an object at a Kubernetes API, from its public description: merge patches, strategic merge patches of lists with
 * names, JSON patches, and server-side apply with the managers that own its fields.
 */

export type Row = { [name: string]: unknown }

/** Refused by the API, as a Status says it. */
export class Refusal extends Error {
  readonly code: number
  readonly reason: string
  readonly details: Row
  constructor(code: number, reason: string, message: string, details: Row = {}) {
    super(message)
    this.code = code
    this.reason = reason
    this.details = details
  }
}

export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function merge(target: unknown, patch: unknown): unknown {
  if (!isRow(patch)) return patch
  const merged: Row = isRow(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else merged[name] = merge(merged[name], value)
  }
  return merged
}

/** Lists whose rows have names are merged by them; `$patch: replace` gives the whole. */
export function strategic(target: unknown, patch: unknown): unknown {
  if (Array.isArray(patch) && isNamedList(patch) && Array.isArray(target)) {
    const rows = [...(target as Row[])]
    for (const row of patch as Row[]) {
      const at = rows.findIndex((one) => one['name'] === row['name'])
      if (at === -1) rows.push(row)
      else rows[at] = strategic(rows[at], row) as Row
    }
    return rows
  }
  if (!isRow(patch)) return patch
  const { $patch: how, ...rest } = patch
  if (how === 'replace') return rest
  const merged: Row = isRow(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(rest)) {
    if (value === null) delete merged[name]
    else merged[name] = strategic(merged[name], value)
  }
  return merged
}

export function jsonPatched(target: Row, operations: unknown): Row {
  if (!Array.isArray(operations)) throw new Refusal(400, 'BadRequest', 'a JSON patch is a list')
  const result = structuredClone(target)
  for (const one of operations as { op: string; path: string; value?: unknown }[]) {
    const names = one.path
      .split('/')
      .slice(1)
      .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    const last = names.pop() ?? ''
    let holder: unknown = result
    for (const name of names) holder = (holder as Row | undefined)?.[name]
    if (typeof holder !== 'object' || holder === null)
      throw new Refusal(422, 'Invalid', `the server rejected our request due to an error in our request: ${one.path}`)
    const within = holder as Row
    if (one.op === 'test' && JSON.stringify(within[last]) !== JSON.stringify(one.value))
      throw new Refusal(422, 'Invalid', `testing path ${one.path} value failed`)
    if (one.op === 'replace' && within[last] === undefined)
      throw new Refusal(422, 'Invalid', `replace operation does not apply: ${one.path} is missing`)
    if (one.op === 'add' || one.op === 'replace') within[last] = one.value
    if (one.op === 'remove') delete within[last]
  }
  return result
}

/** Which manager owns a field, by its path. */
export type Owners = Map<string, string>

/** Paths of all values, with the names of rows in lists that have them. */
export function leaves(value: unknown, path = ''): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  const into = (inner: unknown, way: string): void => {
    for (const [name, leaf] of leaves(inner, way)) found.set(name, leaf)
  }
  if (isRow(value) && Object.keys(value).length > 0)
    for (const [name, inner] of Object.entries(value)) into(inner, `${path}.${name}`)
  else if (Array.isArray(value) && isNamedList(value))
    for (const row of value as Row[]) into(row, `${path}[name="${String(row['name'])}"]`)
  else found.set(path, value)
  return found
}

/** Fields that say what an object is are owned by nobody. */
export function ownable(object: Row): ReadonlyMap<string, unknown> {
  const { apiVersion: _version, kind: _kind, metadata, status: _status, ...rest } = object
  const { labels, annotations } = (metadata ?? {}) as Row
  const kept = { ...(labels !== undefined && { labels }), ...(annotations !== undefined && { annotations }) }
  return leaves({ ...rest, ...(Object.keys(kept).length > 0 && { metadata: kept }) })
}

/** What `manager` said before and says no more is taken away; what another says otherwise is a conflict. */
export function applied(live: Row | null, wanted: Row, manager: string, force: boolean, owners: Owners): Row {
  const before = live === null ? new Map<string, unknown>() : ownable(live)
  const said = ownable(wanted)
  const conflicts = [...said].filter(
    ([path, value]) =>
      owners.has(path) && owners.get(path) !== manager && JSON.stringify(before.get(path)) !== JSON.stringify(value),
  )
  if (conflicts.length > 0 && !force) throw conflictOf(conflicts, owners)
  const result = strategic(live ?? {}, wanted) as Row
  for (const [path, owner] of owners) {
    if (owner !== manager || said.has(path)) continue
    removeAt(result, path)
    owners.delete(path)
  }
  for (const path of said.keys()) owners.set(path, manager)
  return result
}

function conflictOf(conflicts: readonly (readonly [string, unknown])[], owners: Owners): Refusal {
  const causes = conflicts.map(([path]) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with "${owners.get(path)}"`,
    field: path,
  }))
  const many = conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`
  const message = `Apply failed with ${many}: ${causes.map(({ message: why, field }) => `${why}: ${field}`).join(', ')}`
  return new Refusal(409, 'Conflict', message, { causes })
}

function removeAt(object: Row, path: string): void {
  const parts = [...path.matchAll(/\[name="([^"]*)"\]|\.([^.[]+)/g)]
  let holder: unknown = object
  for (const [index, [, row, name]] of parts.entries()) {
    if (row !== undefined) {
      holder = (holder as Row[] | undefined)?.find((one) => one['name'] === row)
      continue
    }
    if (index === parts.length - 1 && isRow(holder)) delete holder[name ?? '']
    else holder = (holder as Row | undefined)?.[name ?? '']
    if (typeof holder !== 'object' || holder === null) return
  }
}

function isNamedList(list: readonly unknown[]): boolean {
  return list.length > 0 && list.every((row) => isRow(row) && typeof row['name'] === 'string')
}
