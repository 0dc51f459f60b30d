/** Every kind of action there is: one file, one line. */
import type { ActionDefinition } from '../core/ports/action.ts'
import { gitTag } from './git-tag.ts'
import { githubDispatch } from './github-dispatch.ts'

export const actions: readonly ActionDefinition<never>[] = [gitTag, githubDispatch] as never
