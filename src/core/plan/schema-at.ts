/** Finds the part of a kind's schema that a setting belongs to, however deep, to say what is expected there. */
import { z } from 'zod'

/** The schema of a setting, or null where the schema leaves open what stands there. */
export function schemaAt(schema: z.ZodType, path: readonly string[]): z.ZodType | null {
  let found: z.ZodType | null = bare(schema)
  for (const key of path) {
    if (found instanceof z.ZodObject) found = (found.shape as Readonly<Record<string, z.ZodType>>)[key] ?? null
    else if (found instanceof z.ZodRecord) found = found.valueType as z.ZodType
    else if (found instanceof z.ZodArray) found = found.element as z.ZodType
    else return null
    if (found === null) return null
    found = bare(found)
  }
  return found
}

/** Names that may stand at a place, as authors write them; empty where any may, or none is known. */
export function namesAt(schema: z.ZodType, path: readonly string[]): readonly string[] {
  const found = schemaAt(schema, path)
  return found instanceof z.ZodObject ? Object.keys(found.shape).map(hyphenated) : []
}

/** What the definition itself says of a setting. */
export function meaningAt(schema: z.ZodType, path: readonly string[]): string | null {
  const owner = schemaAt(schema, path.slice(0, -1))
  if (!(owner instanceof z.ZodObject)) return null
  return (owner.shape as Readonly<Record<string, z.ZodType>>)[path.at(-1) ?? '']?.description ?? null
}

export function hyphenated(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function bare(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodNullable)
    return bare(schema.def.innerType as z.ZodType)
  return schema instanceof z.ZodPipe ? bare(schema.def.in as z.ZodType) : schema
}
