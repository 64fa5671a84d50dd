/* <details open data-fold-narrow>: open beside the work, folded where it would stand above it. */
const narrow = matchMedia("(max-width: 60rem)");

export function foldOnNarrow(root) {
  if (!narrow.matches) return;
  for (const fold of root.querySelectorAll("details[data-fold-narrow][open]")) fold.open = false;
}
