/** Finds the local engine, or has it started. Small at load: every command of the CLI comes through here. */
import type { Config } from '../config/config.ts'
import { type ClientOptions, createClient } from './client.ts'
import type { Client } from './client-types.ts'
import { isAnswering } from './http-call.ts'

/** Connects to the engine of this store, or starts one. Throws ApiFault with the tail of the engine's log when it does not come up. */
export async function openClient(config: Config, options: Pick<ClientOptions, 'actor'> = {}): Promise<Client> {
  const revive = async (): Promise<void> => {
    const { startEngine } = await import('./engine-starter.ts')
    await startEngine(config)
  }
  if (!(await isAnswering(config.socket))) await revive()
  return createClient({ ...options, socketPath: config.socket, revive })
}

/** Connects only if an engine is running; null = none is. */
export async function findClient(config: Config, options: Pick<ClientOptions, 'actor'> = {}): Promise<Client | null> {
  return (await isAnswering(config.socket)) ? createClient({ ...options, socketPath: config.socket }) : null
}
