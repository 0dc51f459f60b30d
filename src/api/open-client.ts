/** Finds the local engine, or starts it. */
import type { Config } from '../config/config.ts'
import type { Client } from './client-types.ts'

/** Connects to the engine of this store, or starts one. Throws ApiFault with the tail of the engine's log when it does not come up. */
export async function openClient(_config: Config): Promise<Client> {
  throw new Error('being built')
}

/** Connects only if an engine is running; null = none is. */
export async function findClient(_config: Config): Promise<Client | null> {
  throw new Error('being built')
}
