/* The words that a mark covers now. */
export function coverageOf(desk, { field = "response", start, end }) {
  const text = desk.draft.doc(field).sliceString(start, end);
  return text.length > 90 ? `${text.slice(0, 60)} … ${text.slice(-20)}` : text;
}
