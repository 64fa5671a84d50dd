/* The writing surface. `#writing-data` is there on the writing page only. */
import { open } from "./surface.js";
import { startWriting } from "./writing.js";

for (const textarea of document.querySelectorAll("textarea[data-editor]")) open(textarea);

const data = document.getElementById("writing-data");
if (data) startWriting(JSON.parse(data.textContent));
