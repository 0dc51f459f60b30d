/** What every store refuses alike. */
import { StoreFault } from '../core/ports/store.ts'

/** Largest evidence kept as one piece: 64 MiB. */
export const evidenceCapBytes = 64 * 1024 * 1024

export function refuseBeyondCap(size: number, cap: number): void {
  if (size > cap)
    throw new StoreFault(`evidence of ${size} bytes is larger than the ${cap} that are kept`, { retryable: false })
}

export function closedFault(): StoreFault {
  return new StoreFault('the store is closed', { retryable: false })
}
