/** Copies everything from one store to another, each opened for that alone: what `holdpoint store copy` does. */
import { copyStore } from '../store/copy.ts'
import type { CopyCounts, CopyOptions } from '../store/copy.ts'
import { CopyRefused } from '../store/copy-refused.ts'
import { isThere, openStore, shownStore } from '../store/open.ts'

export { CopyRefused }

export interface Copied {
  /** Without passwords. */
  readonly from: string
  readonly to: string
  readonly counts: CopyCounts
}

/** Rejects with CopyRefused when the stores do not fit, with StoreFault when one is in use or cannot be reached. */
export async function copyBetween(
  from: string,
  to: string,
  now: number,
  onProgress: CopyOptions['onProgress'],
): Promise<Copied> {
  if (!isThere(from)) throw new CopyRefused(`there is no store in ${shownStore(from)}`)
  const source = await openStore(from, { now, isForCopy: true })
  try {
    const target = await openStore(to, { now, isForCopy: true })
    try {
      const counts = await copyStore(source, target, { source: shownStore(from), onProgress })
      return { from: shownStore(from), to: shownStore(to), counts }
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
