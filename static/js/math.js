/* KaTeX, in a bundle of its own. A formula it cannot read stays as it was typed. */
import katex from "katex";
import "katex/dist/katex.css";

const LIMITS = { throwOnError: true, trust: false, maxExpand: 300, maxSize: 20, strict: "ignore" };

export function typeset(element) {
  const source = element.textContent;
  const target = document.createElement("span");
  try {
    katex.render(source, target, { ...LIMITS, displayMode: element.classList.contains("block") });
    element.replaceChildren(target);
  } catch (error) {
    element.title = `This formula cannot be shown: ${error.message}`;
  }
  element.dataset.done = "";
}
