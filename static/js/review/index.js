/* The review pages. */
import { wireBulk } from "./bulk.js";
import { wireComments } from "./comments.js";
import { wireDraft } from "./draft.js";
import { wireKeys } from "./keys.js";
import { wireTabs } from "./tabs.js";
import { wireUndo } from "./undo.js";

wireBulk();
wireComments();
wireDraft();
wireKeys();
wireTabs();
wireUndo();
