/** The automation ladder as a bar with its numbers in words: what a machine does, what people prove, what somebody says. */
export interface Part {
  readonly kind: 'machine' | 'attested' | 'open' | 'manual'
  readonly count: number
  readonly word: string
  /** What the word means, for the pointer and for whoever reads aloud. */
  readonly says: string
}

export function LadderBar({ parts, label }: { readonly parts: readonly Part[]; readonly label: string }) {
  const all = parts.reduce((sum, { count }) => sum + count, 0)
  return (
    <div class="ladder">
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={sentence(parts, label)}>
        {all === 0 ? null : parts.map((part, at) => <Segment key={part.kind} parts={parts} at={at} all={all} />)}
      </svg>
      <ul aria-hidden="true">
        {parts.map(({ kind, count, word, says }) => (
          <li key={kind} class={`rung is-${kind}`} title={says}>
            <b>{count}</b> {word}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Segment({ parts, at, all }: { readonly parts: readonly Part[]; readonly at: number; readonly all: number }) {
  const before = parts.slice(0, at).reduce((sum, { count }) => sum + count, 0)
  const part = parts[at]
  if (part === undefined || part.count === 0) return null
  const width = Math.max(0, (part.count / all) * 100 - 0.4)
  return <rect class={`is-${part.kind}`} x={(before / all) * 100} y="0" width={width} height="4" />
}

function sentence(parts: readonly Part[], label: string): string {
  return `${label}: ${parts.map(({ count, word }) => `${count} ${word}`).join(', ')}`
}

export function planParts({ machine, attested, manual }: { machine: number; attested: number; manual: number }) {
  return [
    { kind: 'machine', count: machine, word: 'by machine', says: 'Something runs or measures, and shows what it saw' },
    {
      kind: 'attested',
      count: attested,
      word: 'attested',
      says: 'A person says so with a signature, values, evidence or a record',
    },
    { kind: 'manual', count: manual, word: 'by word', says: 'Somebody says that it is done' },
  ] as const satisfies readonly Part[]
}
