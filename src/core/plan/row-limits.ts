/** How much a table that people fill in may hold. */

/** More are no table that people read. */
export const mostRows = 500
/** Characters. */
export const longestCell = 500
