/* The review pages. */
import { wireComments } from "./comments.js";
import { wireDraft } from "./draft.js";
import { wireKeys } from "./keys.js";
import { wireTabs } from "./tabs.js";
import { wireUndo } from "./undo.js";

wireComments();
wireDraft();
wireKeys();
wireTabs();
wireUndo();
