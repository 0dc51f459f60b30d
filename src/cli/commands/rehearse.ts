/** `rehearse`: brings a version out where it may fail, takes it back at once, and keeps how long that took as a record. */
import type { Run } from '../command-entry.ts'
import { run } from './run.ts'

export const rehearse: Run = (context, words, { from, to, ...options }) =>
  run(context, words, { ...options, previous: from, version: to, until: 'closed', andBack: true })
