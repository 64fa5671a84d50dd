/* The review pages. */
import { wireDraft } from "./draft.js";
import { wireKeys } from "./keys.js";
import { wireTabs } from "./tabs.js";
import { wireUndo } from "./undo.js";

wireDraft();
wireKeys();
wireTabs();
wireUndo();
