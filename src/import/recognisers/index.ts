/** Every recogniser, in the order in which equals win. */
import type { Recogniser } from '../item.ts'

export const recognisers: readonly Recogniser[] = []
