/* Addresses of bundles that are only fetched when a page turns out to need them. */
export function asset(name) {
  return document.querySelector(`meta[name="asset-${name}"]`)?.content;
}

const styles = new Set();

export function loadStyle(name) {
  const address = asset(name);
  if (!address || styles.has(address)) return;
  styles.add(address);
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = address;
  document.head.append(link);
}
