/** Shows kept bytes: text as text, whatever it claims to be; pictures of the plain kinds as pictures; the rest to download. */
import type { Evidence } from '../../../../src/api/wire/web.ts'
import { useEffect, useState } from 'preact/hooks'
import { getBytes, wordsOf } from '../../api/ask.ts'
import { visible } from './visible.ts'

interface EvidenceReaderProps {
  readonly evidence: Evidence
  readonly release: string
}

type Shown =
  | { readonly kind: 'coming' }
  | { readonly kind: 'text'; readonly text: string; readonly isCut: boolean }
  | { readonly kind: 'picture'; readonly address: string }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'trouble'; readonly why: string }

const LONGEST = 400_000
/** No SVG: it is a document that can hold scripts. */
const PICTURES: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

export function EvidenceReader({ evidence, release }: EvidenceReaderProps) {
  const { sha256, name, mediaType } = evidence
  const path = `/v1/evidence/${sha256}?release=${encodeURIComponent(release)}`
  const [shown, setShown] = useState<Shown>({ kind: 'coming' })
  useEffect(() => {
    let address: string | null = null
    let isGone = false
    getBytes(path).then(
      (bytes) => {
        if (isGone) return
        if (PICTURES.has(mediaType)) {
          address = URL.createObjectURL(new Blob([bytes], { type: mediaType }))
          setShown({ kind: 'picture', address })
        } else setShown(textOf(bytes))
      },
      (cause: unknown) => setShown({ kind: 'trouble', why: wordsOf(cause) }),
    )
    return () => {
      isGone = true
      if (address !== null) URL.revokeObjectURL(address)
    }
  }, [path, mediaType])
  return (
    <figure class="reader">
      {shown.kind === 'text' && (
        <pre tabIndex={0} aria-label={name}>
          {shown.text}
        </pre>
      )}
      {shown.kind === 'text' && shown.isCut && <p class="hint">Only the beginning is shown; the file has all of it.</p>}
      {shown.kind === 'picture' && <img src={shown.address} alt={name} />}
      {shown.kind === 'bytes' && <p class="hint">This is no text. Download it to look at it.</p>}
      {shown.kind === 'trouble' && (
        <p class="trouble" role="alert">
          {shown.why}
        </p>
      )}
      <figcaption class="hint">
        <a href={path} download={name}>
          Download
        </a>{' '}
        · sha-256 <code class="digest">{sha256}</code>
      </figcaption>
    </figure>
  )
}

function textOf(bytes: ArrayBuffer): Shown {
  try {
    const part = bytes.slice(0, LONGEST)
    const text = new TextDecoder('utf-8', { fatal: part.byteLength === bytes.byteLength }).decode(part)
    if (text.includes('\0')) return { kind: 'bytes' }
    return { kind: 'text', text: visible(text), isCut: bytes.byteLength > LONGEST }
  } catch {
    return { kind: 'bytes' }
  }
}
