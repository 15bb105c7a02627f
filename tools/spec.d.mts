export const SPEC: string;
export function readRules(): { id: string; text: string; file: string }[];
export function renderSpec(): string;
export function readSpec(): string;
