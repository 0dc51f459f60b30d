/** In CI the same cases every time, so that a red run is somebody's change; at home new ones, so that they are found. */
export const seeded =
  process.env['CI'] === 'true' || process.env['FUZZ_SEED'] ? { seed: Number(process.env['FUZZ_SEED'] ?? 20_261) } : {}
