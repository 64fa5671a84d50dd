export function wirePastes() {}
