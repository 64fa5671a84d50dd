export const reasonsGiven = () => [];
export function wireChecks() {}
