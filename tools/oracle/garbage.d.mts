export function collectGarbage(): Promise<void>;
