/** Under which name the version is kept that a component served before the release changed it. */

export function servingName(component: string): string {
  return `serving_${component.replaceAll(/\W/g, '_')}`
}
