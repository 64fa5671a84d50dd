/* The editor's keys. Those of CodeMirror that ask a parser for the syntax are left out, and with them the parser. */
import {
  copyLineDown, copyLineUp, cursorCharLeft, cursorCharRight, cursorDocEnd, cursorDocStart, cursorGroupLeft, cursorGroupRight,
  cursorLineBoundaryBackward, cursorLineBoundaryForward, cursorLineBoundaryLeft, cursorLineBoundaryRight, cursorLineDown,
  cursorLineUp, cursorPageDown, cursorPageUp, deleteCharBackwardStrict, deleteCharForward, deleteGroupBackward, deleteGroupForward,
  deleteLine, deleteLineBoundaryBackward, deleteLineBoundaryForward, insertNewlineKeepIndent, moveLineDown, moveLineUp, selectAll,
  selectCharLeft, selectCharRight, selectDocEnd, selectDocStart, selectGroupLeft, selectGroupRight, selectLineBoundaryBackward,
  selectLineBoundaryForward, selectLineBoundaryLeft, selectLineBoundaryRight, selectLineDown, selectLineUp, selectPageDown,
  selectPageUp,
} from "@codemirror/commands";

const moves = (key, run, shift, mac) => ({ key, mac, run, shift, preventDefault: true });
const onMac = (mac, run, shift) => ({ mac, run, shift, preventDefault: true });

export const textKeys = [
  moves("ArrowLeft", cursorCharLeft, selectCharLeft),
  moves("ArrowRight", cursorCharRight, selectCharRight),
  moves("ArrowUp", cursorLineUp, selectLineUp),
  moves("ArrowDown", cursorLineDown, selectLineDown),
  moves("Mod-ArrowLeft", cursorGroupLeft, selectGroupLeft, "Alt-ArrowLeft"),
  moves("Mod-ArrowRight", cursorGroupRight, selectGroupRight, "Alt-ArrowRight"),
  moves("PageUp", cursorPageUp, selectPageUp),
  moves("PageDown", cursorPageDown, selectPageDown),
  moves("Home", cursorLineBoundaryBackward, selectLineBoundaryBackward),
  moves("End", cursorLineBoundaryForward, selectLineBoundaryForward),
  moves("Mod-Home", cursorDocStart, selectDocStart),
  moves("Mod-End", cursorDocEnd, selectDocEnd),
  onMac("Cmd-ArrowLeft", cursorLineBoundaryLeft, selectLineBoundaryLeft),
  onMac("Cmd-ArrowRight", cursorLineBoundaryRight, selectLineBoundaryRight),
  onMac("Cmd-ArrowUp", cursorDocStart, selectDocStart),
  onMac("Cmd-ArrowDown", cursorDocEnd, selectDocEnd),
  { key: "Enter", run: insertNewlineKeepIndent, shift: insertNewlineKeepIndent },
  { key: "Mod-a", run: selectAll },
  { key: "Backspace", run: deleteCharBackwardStrict, shift: deleteCharBackwardStrict, preventDefault: true },
  { key: "Delete", run: deleteCharForward, preventDefault: true },
  { key: "Mod-Backspace", mac: "Alt-Backspace", run: deleteGroupBackward, preventDefault: true },
  { key: "Mod-Delete", mac: "Alt-Delete", run: deleteGroupForward, preventDefault: true },
  onMac("Mod-Backspace", deleteLineBoundaryBackward),
  onMac("Mod-Delete", deleteLineBoundaryForward),
  { key: "Alt-ArrowUp", run: moveLineUp },
  { key: "Alt-ArrowDown", run: moveLineDown },
  { key: "Shift-Alt-ArrowUp", run: copyLineUp },
  { key: "Shift-Alt-ArrowDown", run: copyLineDown },
  { key: "Shift-Mod-k", run: deleteLine },
];
