export function wireMarks() {}
