/** What a worker has taken on, on disk: read again when it is started again, so that no attempt is forgotten or begun twice. */
import { createHash } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

export interface Claim {
  readonly attempt: string
  readonly claim: string
  readonly timeoutMs: number
}

export class Claims {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  /** On disk when it returns. */
  keep(claim: Claim): void {
    const path = this.#pathOf(claim.attempt)
    const file = openSync(`${path}.new`, 'w', 0o600)
    try {
      writeFileSync(file, JSON.stringify(claim))
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(`${path}.new`, path)
    const folder = openSync(this.#folder, 'r')
    fsyncSync(folder)
    closeSync(folder)
  }

  drop(attempt: string): void {
    rmSync(this.#pathOf(attempt), { force: true })
  }

  /** One that was cut short was never begun: it is left out. */
  all(): readonly Claim[] {
    return readdirSync(this.#folder)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => {
        try {
          return [JSON.parse(readFileSync(join(this.#folder, name), 'utf8')) as Claim]
        } catch {
          return []
        }
      })
  }

  #pathOf(attempt: string): string {
    return join(this.#folder, `${createHash('sha256').update(attempt).digest('hex')}.json`)
  }
}
