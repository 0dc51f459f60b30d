/** Every version of a checklist: when it was registered, by whom, from which commit, and its digest; the newest as a file. */
import { useState } from 'preact/hooks'
import type { ChecklistVersion } from '../../../../src/api/wire/web.ts'
import { get, wordsOf } from '../../api/ask.ts'
import { saveFile } from '../../parts/save-file.ts'
import { Moment } from '../../parts/time.tsx'
import { visible } from '../release/visible.ts'
import { fileName, refWords, short } from './words.ts'

interface VersionsProps {
  readonly versions: readonly ChecklistVersion[]
  readonly path: string
  readonly isRetired: boolean
}

const SHOWN = 5

export function Versions({ versions, path, isRetired }: VersionsProps) {
  const [isWhole, setWhole] = useState(false)
  const [why, setWhy] = useState<string | null>(null)
  const shown = isWhole ? versions : versions.slice(0, SHOWN)
  const [newest] = versions
  const save = (): void =>
    void get<{ base64: string }>(path).then(
      ({ base64 }) => saveFile(bytesOf(base64), newest === undefined ? 'RELEASE.md' : fileOf(newest), 'text/markdown'),
      (cause: unknown) => setWhy(wordsOf(cause)),
    )
  return (
    <>
      <ol class="versions">
        {shown.map((version) => (
          <li key={version.number}>
            <p>
              <b>{version.number}</b> <Moment at={version.registeredAt} /> by {version.registeredBy}
            </p>
            <Source version={version} />
            <p class="hint">
              sha-256{' '}
              <code class="digest" title={version.sha256}>
                {short(version.sha256)}
              </code>{' '}
              · plan{' '}
              <code class="digest" title={version.plan}>
                {short(version.plan)}
              </code>
            </p>
          </li>
        ))}
      </ol>
      {versions.length > shown.length && (
        <button type="button" class="plain" onClick={() => setWhole(true)}>
          {versions.length - shown.length} older
        </button>
      )}
      {!isRetired && (
        <button type="button" class="plain" onClick={save}>
          Download the document
        </button>
      )}
      <p class="trouble" role="alert">
        {why}
      </p>
    </>
  )
}

function Source({ version: { source } }: { readonly version: ChecklistVersion }) {
  if (source.kind === 'upload') return <p class="hint">{visible(fileName(source.file))}, uploaded</p>
  return (
    <p class="hint">
      {visible(source.path)} of {visible(source.url)}, {visible(refWords(source.ref))} at commit{' '}
      <code class="digest" title={source.commit}>
        {short(source.commit)}
      </code>
    </p>
  )
}

function fileOf({ source }: ChecklistVersion): string {
  return fileName(source.kind === 'upload' ? source.file : source.path)
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
}
