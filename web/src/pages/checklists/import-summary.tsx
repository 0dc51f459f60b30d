/** What stands beside an imported document: how much of it a machine does now, what is odd about it, and the way on. */
import { useId } from 'preact/hooks'
import type { Preview } from '../../../../src/api/wire/web.ts'
import { Field } from '../../parts/field.tsx'
import type { Standing } from './decisions.ts'
import { LadderBar, type Part } from './ladder.tsx'

export interface ImportSummaryProps {
  readonly preview: Preview
  readonly standing: Standing
  readonly isMended: boolean
  readonly service: string
  readonly onService: (service: string) => void
  readonly onRepair: () => void
  readonly onReads: () => void
  readonly onAgain: () => void
  readonly onEarlier: (file: File) => void
  readonly onCopy: () => void
  readonly isBusy: boolean
}

type FactsProps = Pick<ImportSummaryProps, 'preview' | 'standing' | 'isMended' | 'onRepair' | 'onReads' | 'onAgain'>

export function ImportFacts(props: FactsProps) {
  const { preview, standing, isMended } = props
  const { encoding } = preview.imported
  const isDamaged = encoding.damage !== null && encoding.repaired === 0
  const needsRepair = !encoding.isWritable || isDamaged
  return (
    <section class="import-summary import-facts" aria-label="How much a machine could do">
      <p class="coverage">{preview.coverageLine}</p>
      <LadderBar label="As decided so far" parts={parts(standing)} />
      {needsRepair && !isMended && (
        <div class="notice">
          <p>{repairWords(encoding)}</p>
          <button type="button" onClick={props.onRepair}>
            Mend the text
          </button>
        </div>
      )}
      {encoding.repaired > 0 && <p class="hint">{encoding.repaired} damaged places were mended.</p>}
      <div class="acts">
        {standing.openReads > 0 && (
          <button type="button" onClick={props.onReads}>
            Accept all that only read <span class="count">{standing.openReads}</span>
          </button>
        )}
        {standing.open < standing.proposed && (
          <button type="button" class="plain" onClick={props.onAgain}>
            Decide all again
          </button>
        )}
      </div>
    </section>
  )
}

type OnProps = Pick<
  ImportSummaryProps,
  'preview' | 'standing' | 'service' | 'onService' | 'onEarlier' | 'onCopy' | 'isBusy'
>

export function ImportOn(props: OnProps) {
  const { preview, standing, isBusy } = props
  const id = useId()
  return (
    <section class="import-summary import-on" aria-label="The way on">
      <p role="status">
        {standing.proposed === 0
          ? 'No block is proposed: people do every step and say so.'
          : `${standing.proposed - standing.open} of ${standing.proposed} proposals decided.`}
      </p>
      {!preview.hasFrontMatter && (
        <Field
          label="Service"
          value={props.service}
          onValue={props.onService}
          hint="What is released. Empty: a name made from the title."
        />
      )}
      <button type="button" class="primary" aria-disabled={isBusy} onClick={props.onCopy}>
        Make the copy
      </button>
      <p class="hint">
        {standing.open > 0 && standing.proposed > 0
          ? `${standing.open} open ${standing.open === 1 ? 'proposal stays' : 'proposals stay'} out; people do those steps. `
          : ''}
        Your document stays as it is.
      </p>
      <details>
        <summary>You have imported it before?</summary>
        <label for={id}>The copy from then: what you decided is taken over</label>
        <input
          id={id}
          type="file"
          accept=".md,.markdown,text/markdown"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0]
            if (file !== undefined) props.onEarlier(file)
          }}
        />
        {preview.earlier === 'unknown' && (
          <p class="trouble">That file is no copy that import wrote of this document.</p>
        )}
        {preview.earlier !== null && preview.earlier !== 'unknown' && <Before earlier={preview.earlier} />}
      </details>
    </section>
  )
}

function Before({ earlier }: { readonly earlier: Exclude<Preview['earlier'], null | 'unknown'> }) {
  const { accepted, skipped, lost, isChanged } = earlier
  return (
    <>
      <p class="hint">
        {accepted.length} {accepted.length === 1 ? 'block' : 'blocks'} accepted and {skipped.length}{' '}
        {skipped.length === 1 ? 'item' : 'items'} skipped then.
      </p>
      {isChanged && (
        <p class="trouble">That copy was changed by hand besides its blocks; those changes are not in the new one.</p>
      )}
      {lost.length > 0 && (
        <p class="trouble">
          {lost.length} {lost.length === 1 ? 'block' : 'blocks'} of items that are gone:{' '}
          {lost.map(({ text }) => `“${text.slice(0, 60)}”`).join(', ')}
        </p>
      )}
    </>
  )
}

function parts({ machine, attested, open, manual }: Standing): readonly Part[] {
  return [
    { kind: 'machine', count: machine, word: 'by machine', says: 'A block does it' },
    { kind: 'attested', count: attested, word: 'attested', says: 'A block asks people to prove it' },
    { kind: 'open', count: open, word: 'undecided', says: 'A block is proposed, and nobody has decided' },
    { kind: 'manual', count: manual, word: 'by word', says: 'Somebody does it and says so' },
  ]
}

const misread = { macintosh: 'Mac Roman', 'windows-1252': 'Windows-1252', 'latin-1': 'Latin-1' } as const

function repairWords({ name, damage, damaged, isWritable }: Preview['imported']['encoding']): string {
  if (damage !== null)
    return `Some program took this text for ${misread[damage]}: ${damaged} places are damaged. They can be put back to the letter.`
  if (!isWritable && name === 'windows-1252')
    return 'These bytes are no UTF-8. They are read as Windows-1252; mended, the copy is UTF-8.'
  return 'This text is UTF-16; mended, the copy is UTF-8.'
}
