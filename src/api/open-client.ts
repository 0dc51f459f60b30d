/** Finds the local engine, or has it started. Small at load: every command of the CLI comes through here. */
import type { Config } from '../config/config.ts'
import { type ClientOptions, createClient } from './client.ts'
import type { Client } from './client-types.ts'
import { programBuild } from '../config/version.ts'
import { answering, isAnswering } from './http-call.ts'

export interface OpenOptions extends Pick<ClientOptions, 'actor'> {
  /** Told in one line when the engine is of another build than this program and cannot be replaced now. */
  readonly tell?: (line: string) => void
}

/**
 * Connects to the engine of this store, or starts one; an idle one of another build is replaced. Throws ApiFault with
 * the tail of the engine's log when it does not come up.
 */
export async function openClient(config: Config, { tell, ...options }: OpenOptions = {}): Promise<Client> {
  if (config.server !== null) return createClient({ server: config.server })
  const revive = async (): Promise<void> => {
    const { startEngine } = await import('./engine-starter.ts')
    await startEngine(config)
  }
  const engine = await answering(config.socket)
  if (engine === null) await revive()
  else if (engine.build !== programBuild()) {
    const { renewEngine } = await import('./engine-renewal.ts')
    const refused = await renewEngine(config)
    if (refused !== null) tell?.(refused)
  }
  return createClient({ ...options, socketPath: config.socket, revive })
}

/** Connects only if an engine is running; null = none is. */
export async function findClient(config: Config, options: Pick<ClientOptions, 'actor'> = {}): Promise<Client | null> {
  if (config.server !== null) return createClient({ server: config.server })
  return (await isAnswering(config.socket)) ? createClient({ ...options, socketPath: config.socket }) : null
}
