/* The review pages. */
import { wireBulk } from "./bulk.js";
import { wireCanned } from "./canned.js";
import { wireComments } from "./comments.js";
import { wireDraft } from "./draft.js";
import { wireKeys } from "./keys.js";
import { wireReach } from "./reach.js";
import { wireTabs } from "./tabs.js";
import { wireUndo } from "./undo.js";

wireBulk();
wireCanned();
wireComments();
wireDraft();
wireKeys();
wireReach();
wireTabs();
wireUndo();
