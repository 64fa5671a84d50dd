export function wireTarget() {}
