/** The release as every surface shows it: re-exported here so that clients need no path into the report folder. */
import type { Json } from '../../core/units.ts'

/** Becomes `ReleaseView` of src/report/view.ts. */
export type ReleaseView = { readonly [member: string]: Json }
