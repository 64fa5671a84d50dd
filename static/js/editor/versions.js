export function wireVersions() {}
