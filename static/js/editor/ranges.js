/* The words that a mark covers now. */
export function coverageOf(desk, { field = "response", start, end }) {
  const text = desk.draft.doc(field).sliceString(start, end);
  return text.length > 90 ? `${text.slice(0, 60)} … ${text.slice(-20)}` : text;
}

/* Where a quote stands in a text, nearest to where it stood; -1 when it is gone. */
export function nearest(text, quote, wanted) {
  let best = -1;
  for (let at = text.indexOf(quote); at >= 0; at = text.indexOf(quote, at + 1)) {
    if (best < 0 || Math.abs(at - wanted) < Math.abs(best - wanted)) best = at;
  }
  return best;
}
