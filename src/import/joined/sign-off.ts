/** The rows of a sign-off table become one approval, under the heading of the table: each role signs once. */
import type { Recognised } from '../recognise.ts'

/** Changes the entries of `seen`. */
export function proposeSignOffs(seen: Recognised[]): void {
  let holder = -1
  const byTable = new Map<number, { readonly holder: number; readonly rows: number[] }>()
  for (const [at, { item, kind }] of seen.entries()) {
    if (item.form === 'heading' && item.parent === null) holder = at
    if (item.table === null || kind !== 'approval' || item.parent !== null) continue
    const table = byTable.get(item.table.line)
    if (table) table.rows.push(at)
    else byTable.set(item.table.line, { holder, rows: [at] })
  }
  for (const { holder: at, rows } of byTable.values()) {
    const heading = seen[at]
    const roles = [...new Set(rows.flatMap((row) => roleOf(seen[row])))]
    if (!heading?.item.insert || heading.proposal || roles.length === 0) continue
    seen[at] = {
      ...heading,
      why: `${roles.length === 1 ? 'One role signs' : `${roles.length} roles sign`} in the table below it, each with name and time.`,
      proposal: { block: `\`\`\`yaml approve\nroles: [${roles.join(', ')}]\n\`\`\``, risk: 'reads' },
    }
    for (const row of rows) {
      const each = seen[row]
      if (each && roleOf(each).length > 0)
        seen[row] = { ...each, why: `${each.why} It is in the approval proposed at line ${heading.item.line}.` }
    }
  }
}

/** A signature that is only wanted at times stays with people. */
function roleOf(row: Recognised | undefined): readonly string[] {
  const { role, condition } = row?.params ?? {}
  return typeof role === 'string' && condition === undefined && /^[a-z][a-z0-9-]{0,40}$/.test(role) ? [role] : []
}
