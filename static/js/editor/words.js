/* Words as the length check counts them (checks/text.py): the line under the box and the check must name one number. */
const IDEOGRAPHS = "\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}";
const UNSPACED = "\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\p{Script=Tibetan}";
const SPACED = `(?![${IDEOGRAPHS}${UNSPACED}])`;
const LETTER = `${SPACED}[\\p{L}\\p{N}\\p{M}]`;
const INSIDE = `${SPACED}[\\p{L}\\p{N}\\p{M}'\\u2019.,\\-_/@]`;
const COUNTED = new RegExp(`[${IDEOGRAPHS}]|([${UNSPACED}][\\p{M}${UNSPACED}]*)|${LETTER}(?:(?:${INSIDE})*${LETTER})?`, "gu");
const LETTERS_A_WORD = 4; // where no spaces part the words

export function countWords(text) {
  let words = 0;
  let letters = 0;
  for (const [, unspaced] of text.matchAll(COUNTED)) {
    if (unspaced) letters += [...unspaced].length;
    else words += 1;
  }
  return words + evenly(letters / LETTERS_A_WORD);
}

/* A half goes to the even neighbour, as Python rounds. */
function evenly(number) {
  const below = Math.floor(number);
  return number - below === 0.5 ? below + (below % 2) : Math.round(number);
}
