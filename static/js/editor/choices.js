/* How somebody likes the page, kept in this browser. */
export function readChoice(name) {
  try {
    return localStorage.getItem(`firsthand-${name}`);
  } catch {
    return null;
  }
}

export function keepChoice(name, value) {
  try {
    localStorage.setItem(`firsthand-${name}`, value);
  } catch {
    /* A full or closed store: the choice lasts as long as the page. */
  }
}
